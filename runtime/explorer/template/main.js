"use strict";
/* The page: its state, and who is told when it changes. */

const VIEWS = { levels: "Levels", passes: "Passes", diff: "Diff" };
const TABS = { source: "Python", strip: "IR", inspector: "Details" };

function byId(id) {
  return document.getElementById(id);
}

class App {
  constructor() {
    this.state = { pass: 0, view: "levels", key: null, id: null, cursor: null, seenAt: null };
    this.search = new Search("");
    this.unfolded = new Set();
    this.source = new Column(this, "source", "Program", sourceHeading(), new SourceRows());
    byId("source").append(this.source.element);
    this.timeline = new Timeline(this, byId("timeline"));
    this.inspector = new Inspector(this, byId("inspector"));
    this.strip = new Strip(this, byId("strip"));
  }

  get snapshot() {
    return snapshots[this.state.pass];
  }

  /* A diff has no filter: with one, the passes themselves are shown. */
  get view() {
    return this.state.view === "diff" && this.search.isOpen ? "passes" : this.state.view;
  }

  get motion() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  }

  start() {
    this.read();
    this.source.show(this.source.rows);
    this.layOut();
    this.source.revealSelection();
  }

  /* Show the columns of the current view, pass and search. */
  layOut() {
    const { view, pass } = this.state;
    for (const button of byId("views").children) button.setAttribute("aria-checked", button.dataset.view === view);
    const [specs, focus] = this.specs();
    this.strip.show(specs, focus);
    this.timeline.update();
    this.source.update();
    this.inspector.update();
    this.tellHits();
    this.write();
    byId("said").textContent = `After ${snapshots[pass].title}: ${many(this.snapshot.raw.count, "op")}`;
  }

  specs() {
    const { view } = this;
    const { pass } = this.state;
    if (view === "diff") return [[this.diffSpec()], 0];
    if (view !== "levels") return [snapshots.map((snapshot) => this.irSpec(snapshot, passHeading)), pass];
    const shown = data.levels.map((_, level) => (level === this.snapshot.level ? this.snapshot : endOfLevel(level)));
    return [shown.map((snapshot) => this.irSpec(snapshot, levelHeading)), this.snapshot.level];
  }

  irSpec(snapshot, heading) {
    return {
      name: `${snapshot.number}/${heading.name}/${this.search.query}`,
      id: `${snapshot.number}`,
      label: `IR after ${snapshot.title}`,
      snapshot,
      heading: () => heading(snapshot, this),
      rows: () => new IrRows(snapshot, this.search.lines(snapshot.content)),
    };
  }

  diffSpec() {
    const { pass } = this.state;
    const before = snapshots[Math.max(0, pass - 1)];
    const folds = [...this.unfolded].join();
    return {
      name: `diff/${pass}/${folds}`,
      id: `diff-${pass}`,
      label: `What ${this.snapshot.title} changed`,
      snapshot: this.snapshot,
      heading: () => diffHeading(this.snapshot),
      rows: () => {
        const rows = diffRows(before, this.snapshot);
        return new DiffRows(
          pass ? foldRows(rows, this.unfolded) : rows,
          Math.max(before.content.longest, this.snapshot.content.longest),
        );
      },
    };
  }

  unfold(at) {
    this.unfolded.add(at);
    const [column] = this.strip.columns;
    const scroll = column ? column.list.element.scrollTop : 0;
    this.layOut();
    const [fresh] = this.strip.columns;
    if (fresh) fresh.list.element.scrollTop = scroll;
  }

  go(pass) {
    const next = Math.min(snapshots.length - 1, Math.max(0, pass));
    if (next === this.state.pass) return;
    this.unfolded.clear();
    this.state.pass = next;
    this.layOut();
  }

  goLevel(by) {
    const level = Math.min(data.levels.length - 1, Math.max(0, this.snapshot.level + by));
    const end = endOfLevel(level);
    if (end) this.go(end.number);
  }

  setView(view) {
    this.state.view = view;
    this.layOut();
  }

  /* Select an op, a line of the user's, or (without an argument) nothing. */
  select({ key = null, id = null, cursor = null, seenAt = null } = {}) {
    Object.assign(this.state, { key, id, cursor, seenAt });
    this.selectionChanged();
  }

  selectionChanged() {
    for (const column of [this.source, ...this.strip.columns]) {
      if (this.state.key !== null || this.state.id !== null) column.revealSelection();
      column.update();
    }
    this.inspector.update();
    this.write();
  }

  showOp(snapshot, op) {
    const { content } = snapshot;
    const key = content.keys[op] < 0 ? null : content.keys[op];
    const cursor = { column: `${snapshot.number}`, row: content.head(op) };
    this.select({ key, id: content.ids[op], cursor, seenAt: snapshot.number });
  }

  showLine(key) {
    this.select({ key, cursor: { column: "source", row: this.source.rows.byKey.get(key) } });
  }

  moveCursor(by) {
    const { cursor } = this.state;
    const columns = [this.source, ...this.strip.columns];
    const focused = columns.find((column) => column.element.contains(document.activeElement));
    const column = columns.find((one) => cursor && one.id === cursor.column) || focused || this.source;
    const { rows } = column;
    if (!rows.count) return;
    const at = cursor && cursor.column === column.id ? rows.indexOf(cursor.row) : -1;
    const direction = Math.sign(by);
    let index = Number.isFinite(by) ? (at < 0 ? column.list.range[0] : at + by) : by < 0 ? 0 : rows.count - 1;
    const inwards = Number.isFinite(by) ? direction : -direction;
    while (index >= 0 && index < rows.count && !rows.isText(index)) index += inwards;
    if (index >= 0 && index < rows.count) column.choose(index);
  }

  find(query) {
    this.search = new Search(query);
    this.source.show(this.source.rows);
    this.layOut();
  }

  tellHits() {
    const found = this.search.isOpen ? this.search.lines(this.snapshot.content).length : null;
    byId("hits").textContent = found === null ? "" : found.toLocaleString("en");
    byId("hits").title = found === null ? "" : `${many(found, "line")} after ${this.snapshot.title}`;
  }

  forget() {
    if (this.search.isOpen) {
      byId("query").value = "";
      this.find("");
    } else this.select();
  }

  toggleValues() {
    const hidden = document.body.classList.toggle("without-values");
    byId("values").setAttribute("aria-pressed", !hidden);
  }

  get isDark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  toggleTheme() {
    document.documentElement.dataset.theme = this.isDark ? "light" : "dark";
    remember("stepwell-theme", document.documentElement.dataset.theme);
    for (const column of [this.source, ...this.strip.columns]) column.drawRuler();
  }

  showKeys() {
    byId("keys").showModal();
  }

  setTab(tab) {
    document.body.dataset.tab = tab;
    for (const button of byId("tabs").children) button.setAttribute("aria-selected", button.dataset.tab === tab);
    this.strip.resized();
  }

  /* The state as the address of the page: `#pass=7&view=diff&line=65`. */
  write() {
    const { pass, view, key, id } = this.state;
    const parts = new URLSearchParams({ pass, view });
    if (key !== null) {
      const { file, line } = keyParts(key);
      if (file) parts.set("file", file);
      parts.set("line", line);
    }
    if (id !== null) parts.set("op", id);
    if (this.search.isOpen) parts.set("q", this.search.query);
    this.written = `#${parts}`;
    history.replaceState(null, "", this.written);
  }

  read() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const number = (name, otherwise) => (/^\d+$/.test(parts.get(name) || "") ? Number(parts.get(name)) : otherwise);
    const pass = Math.min(snapshots.length - 1, number("pass", 0));
    const view = parts.get("view") in VIEWS ? parts.get("view") : "levels";
    const line = number("line", null);
    const file = number("file", 0);
    const isKnown = line !== null && this.source.rows.byKey.has(sourceKey(file, line));
    const id = number("op", null);
    const key = isKnown ? sourceKey(file, line) : null;
    Object.assign(this.state, {
      pass,
      view,
      key,
      id: id !== null && lifetime(id) ? id : null,
      cursor: null,
      seenAt: pass,
    });
    byId("query").value = parts.get("q") || "";
    this.search = new Search(byId("query").value);
  }
}

/* Kept in the browser, where that is allowed. */
function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // pages that may not keep anything start anew each time
  }
}

function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function sourceHeading() {
  const [only] = data.files;
  const name = data.files.length === 1 ? only.name : many(data.files.length, "file");
  const kind = data.files.some((file) => file.kind === "mlir") ? "Program" : "Python";
  return el(
    "header",
    {},
    el("h2", { text: kind }),
    el("span", { class: "about", text: name, title: only ? only.path : "" }),
  );
}

function changes(raw) {
  const element = el("span", { class: "changes" });
  for (const [count, sign, kind] of [
    [raw.added, "+", "added"],
    [raw.removed, "−", "removed"],
    [raw.changed, "~", "changed"],
  ]) {
    if (count)
      element.append(
        el("span", { class: kind, text: `${sign}${count.toLocaleString("en")}`, title: many(count, `op ${kind}`) }),
      );
  }
  return element;
}

function passHeading(snapshot, app) {
  const { raw, number, level, levelName, title } = snapshot;
  const heading = el("header", { class: `level-${level}`, "aria-current": number === app.state.pass ? "step" : null });
  const name = el(
    "h2",
    {},
    el("button", { type: "button", text: title, title: raw.doc, on: { click: () => app.go(number) } }),
  );
  heading.append(el("span", { class: "chip", text: levelName }), name, changes(raw));
  heading.append(
    el("span", { class: "about", text: `${many(raw.count, "op")}${number ? ` · ${seconds(raw.seconds)}` : ""}` }),
  );
  return heading;
}

function levelHeading(snapshot, app) {
  const { raw, level, levelName, title } = snapshot;
  const current = level === app.snapshot.level ? "step" : null;
  const heading = el("header", { class: `level-${level} level`, "aria-current": current });
  heading.append(el("h2", { text: levelName, title: data.levels[level] ? data.levels[level].doc : "" }));
  heading.append(
    el("span", { class: "about", text: `${snapshot.number ? `after ${title}` : title} · ${many(raw.count, "op")}` }),
  );
  return heading;
}

function diffHeading(snapshot) {
  const { raw, number, level, levelName, title } = snapshot;
  const heading = el("header", { class: `level-${level}`, "aria-current": "step" });
  heading.append(el("span", { class: "chip", text: levelName }), el("h2", { text: title }), changes(raw));
  const what = snapshot.didNothing ? "did nothing" : number ? `${seconds(raw.seconds)}` : "before any pass";
  heading.append(el("span", { class: "about", text: `${what}${raw.doc ? ` · ${raw.doc}` : ""}` }));
  return heading;
}

function start() {
  const theme = remembered("stepwell-theme");
  if (theme) document.documentElement.dataset.theme = theme;
  document.title = `${data.title} · stepwell explore`;
  byId("title").textContent = data.title;
  byId("signature").textContent = data.signature;
  byId("signature").title = data.signature;
  if (data.failure) Object.assign(byId("failure"), { hidden: false, textContent: data.failure });
  const app = new App();
  for (const [view, name] of Object.entries(VIEWS)) {
    const button = el("button", { type: "button", role: "radio", text: name, on: { click: () => app.setView(view) } });
    button.dataset.view = view;
    byId("views").append(button);
  }
  for (const [tab, name] of Object.entries(TABS)) {
    const button = el("button", { type: "button", role: "tab", text: name, on: { click: () => app.setTab(tab) } });
    button.dataset.tab = tab;
    byId("tabs").append(button);
  }
  listen(app);
  app.setTab("strip");
  app.start();
  window.explorer = app;
}

function listen(app) {
  let waiting = 0;
  byId("query").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => app.find(event.target.value), 80);
  });
  byId("values").addEventListener("click", () => app.toggleValues());
  byId("theme").addEventListener("click", () => app.toggleTheme());
  byId("help").addEventListener("click", () => app.showKeys());
  fillKeys(byId("keys"));
  listenToKeys(app);
  const left = document.querySelector(".left");
  makeGrip(byId("grip-columns"), "--left", {
    horizontal: true,
    start: () => left.offsetWidth,
    limit: () => [240, innerWidth - 320],
  });
  makeGrip(byId("grip-rows"), "--source", {
    horizontal: false,
    start: () => byId("source").offsetHeight,
    limit: () => [80, left.offsetHeight - 80],
  });
  addEventListener("hashchange", () => {
    if (location.hash === app.written) return;
    app.read();
    app.layOut();
    app.selectionChanged();
  });
}

start();
