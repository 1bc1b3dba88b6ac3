"use strict";
/* The keyboard, and the dialog that tells about it. */

const KEYS = [
  ["← →", "pass before, pass after"],
  ["Home End", "first pass, last pass"],
  ["[ ]", "level above, level below"],
  ["j k", "next line, line before"],
  ["g G", "first line, last line"],
  ["1 2 3", "levels, passes, what a pass changed"],
  ["/", "filter ops at all levels"],
  ["v", "values of the sample run"],
  ["t", "light or dark"],
  ["Esc", "forget the filter, then the selection"],
  ["?", "this help"],
];

const ACTIONS = {
  ArrowLeft: (app) => app.go(app.state.pass - 1),
  ArrowRight: (app) => app.go(app.state.pass + 1),
  Home: (app) => app.go(0),
  End: (app) => app.go(snapshots.length - 1),
  "[": (app) => app.goLevel(-1),
  "]": (app) => app.goLevel(1),
  j: (app) => app.moveCursor(1),
  k: (app) => app.moveCursor(-1),
  g: (app) => app.moveCursor(-Infinity),
  G: (app) => app.moveCursor(Infinity),
  1: (app) => app.setView("levels"),
  2: (app) => app.setView("passes"),
  3: (app) => app.setView("diff"),
  v: (app) => app.toggleValues(),
  t: (app) => app.toggleTheme(),
  "?": (app) => app.showKeys(),
  "/": () => document.getElementById("query").focus(),
  Escape: (app) => app.forget(),
};

function listenToKeys(app) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.getElementById("keys").open) return;
    const inField = event.target.matches("input, textarea, select");
    if (inField && event.key !== "Escape") return;
    if (event.target.matches("[role=separator]") && event.key.startsWith("Arrow")) return;
    const action = ACTIONS[event.key];
    if (!action) return;
    event.preventDefault();
    if (inField) event.target.blur();
    action(app);
  });
}

function fillKeys(dialog) {
  const list = el("dl");
  for (const [keys, what] of KEYS) {
    const names = el("dt");
    for (const key of keys.split(" ")) names.append(el("kbd", { text: key }));
    list.append(names, el("dd", { text: what }));
  }
  const close = el("button", { type: "button", class: "tool", text: "Close", on: { click: () => dialog.close() } });
  dialog.append(el("h2", { id: "keys-title", text: "Keys" }), list, close);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

/* A border that is dragged, or moved by arrows, to change a size; `limit` gives the least and the most. */
function makeGrip(grip, property, { horizontal, start, limit }) {
  const root = document.documentElement.style;
  const set = (size) => {
    const [least, most] = limit();
    root.setProperty(property, `${Math.round(Math.min(most, Math.max(least, size)))}px`);
  };
  grip.addEventListener("pointerdown", (event) => {
    const [from, size] = [horizontal ? event.clientX : event.clientY, start()];
    grip.setPointerCapture(event.pointerId);
    const move = (moved) => set(size + (horizontal ? moved.clientX : moved.clientY) - from);
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", () => grip.removeEventListener("pointermove", move), { once: true });
  });
  grip.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -16, ArrowUp: -16, ArrowRight: 16, ArrowDown: 16 }[event.key];
    if (!by) return;
    event.preventDefault();
    set(start() + by);
  });
}
