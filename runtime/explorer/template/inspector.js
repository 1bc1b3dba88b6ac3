"use strict";
/* All there is to say about what is selected; about the program, where nothing is. */

class Inspector {
  constructor(app, element) {
    Object.assign(this, { app, element });
  }

  update() {
    const { id, key } = this.app.state;
    const at = id === null ? null : this.seen(id);
    const parts = at ? this.opParts(at) : key !== null ? this.lineParts(key) : this.overview();
    this.element.replaceChildren(...parts.filter(Boolean));
    this.element.scrollTop = 0;
  }

  /* The snapshot to show an op of: where it was clicked, else the current one, else any. */
  seen(id) {
    const { seenAt, pass } = this.app.state;
    const order = [snapshots[seenAt], snapshots[pass], (lifetime(id) || [])[1]];
    const snapshot = order.find((one) => one && one.content.find(id) !== undefined);
    return snapshot ? { snapshot, content: snapshot.content, op: snapshot.content.find(id) } : null;
  }

  overview() {
    const spent = snapshots.reduce((total, snapshot) => total + snapshot.raw.seconds, 0);
    const [first, last] = [snapshots[0], snapshots[snapshots.length - 1]];
    const facts = el("dl", { class: "facts" });
    const busy = snapshots.filter((one) => one.number && !one.didNothing).length;
    if (data.signature) fact(facts, "Signature", data.signature);
    fact(facts, "Passes", `${snapshots.length - 1}, ${busy} of which did something`);
    fact(facts, "Ops", `${first.raw.count.toLocaleString("en")} → ${last.raw.count.toLocaleString("en")}`);
    fact(facts, "Time in passes", seconds(spent));
    const slow = snapshots
      .filter((one) => one.number)
      .sort((a, b) => b.raw.seconds - a.raw.seconds)
      .slice(0, 5);
    const longest = slow.length ? slow[0].raw.seconds || 1 : 1;
    const bars = slow.map((one) => bar(one, one.raw.seconds / longest, seconds(one.raw.seconds), this.app));
    const levels = data.levels.map((level, number) =>
      el("li", { class: `level-${number}` }, el("b", { text: level.name }), ` ${level.doc}`),
    );
    return [
      el("h2", { text: "The program" }),
      facts,
      this.runNote(this.app.snapshot),
      el("h3", { text: "Slowest passes" }),
      el("div", { class: "chart" }, ...bars),
      el("h3", { text: "Levels" }),
      el("ul", { class: "levels" }, ...levels),
      el("p", { class: "hint", text: "Choose a line to see where it goes; ? shows the keys." }),
    ];
  }

  lineParts(key) {
    const { file, line } = keyParts(key);
    return [
      el("h2", {}, el("code", { text: `${data.files[file].name}:${line}` })),
      el("p", { class: "hint", text: data.files[file].path }),
      ...this.lineChart(key),
      this.opsOfLine(key),
      this.runNote(this.app.snapshot),
    ];
  }

  /* The ops from a line of the user's after the current pass. */
  opsOfLine(key) {
    const { content, title } = this.app.snapshot;
    const found = content.keys.map((one, op) => op).filter((op) => content.keys[op] === key);
    if (!found.length) return el("p", { class: "hint", text: `No op from this line is left after ${title}.` });
    const items = found.slice(0, 100).map((op) => {
      const link = el("button", {
        type: "button",
        class: "link",
        on: { click: () => this.app.showOp(this.app.snapshot, op) },
      });
      link.append(el("code", { text: content.name(op) }));
      const values = valuesOf(content, op);
      return el("li", {}, link, values || "");
    });
    const rest = found.length > 100 ? el("p", { class: "hint", text: `and ${found.length - 100} more` }) : "";
    return el(
      "div",
      {},
      el("h3", { text: `${many(found.length, "op")} after ${title}` }),
      el("ul", { class: "ops" }, ...items),
      rest,
    );
  }

  opParts({ snapshot, content, op }) {
    const line = content.head(op);
    const key = content.keys[op];
    const text = content.text(line).trim();
    return [
      el(
        "h2",
        {},
        el("code", { text: content.name(op) }),
        el("span", { class: `chip level-${snapshot.level}`, text: snapshot.levelName }),
      ),
      this.placeLink(content, op),
      this.lifeNote(content.ids[op]),
      el("pre", { class: "text" }, paint(irPieces(text.slice(0, 4000)), null)),
      ...this.valueParts(content, op),
      this.operands(snapshot, op),
      this.runNote(snapshot),
      ...(key >= 0 ? this.lineChart(key) : []),
    ];
  }

  placeLink(content, op) {
    const place = content.place(op);
    if (!place) return el("p", { class: "hint", text: "No line of yours is known for this op." });
    const [file, line, column] = place;
    const text = `${data.files[file].name}:${line}:${column}`;
    return el("button", {
      type: "button",
      class: "link",
      text,
      on: { click: () => this.app.showLine(sourceKey(file, line)) },
    });
  }

  lifeNote(id) {
    const [first, last] = lifetime(id);
    const note = el("p", { class: "life" });
    if (first.number) note.append("made by ", this.passLink(first));
    else note.append("there from the start");
    const next = snapshots[last.number + 1];
    if (next) note.append(", gone after ", this.passLink(next));
    else note.append(", there at the end");
    return note;
  }

  passLink(snapshot) {
    return el("button", {
      type: "button",
      class: `link level-${snapshot.level}`,
      text: snapshot.title,
      on: { click: () => this.app.go(snapshot.number) },
    });
  }

  valueParts(content, op) {
    const sample = content.sample(op);
    if (!sample) return [];
    const named = [
      ...sample.results.map((value, index) => [content.resultNames(op)[index] || `result ${index}`, value]),
      ...sample.arguments.map((value, index) => [content.argumentNames(op)[index], value]),
    ].filter(([name, value]) => name && value && value.first); // what the text leaves out has no name
    const runs =
      sample.runs > 1 ? [el("p", { class: "hint", text: `ran ${sample.runs.toLocaleString("en")} times` })] : [];
    if (!named.length) return runs;
    return [el("h3", { text: "Values" }), ...runs, ...named.map(([name, value]) => valueCard(name, value))];
  }

  operands(snapshot, op) {
    const { content } = snapshot;
    const names = content.operandNames(op);
    if (!names.length) return null;
    const items = names.slice(0, 40).map((name) => {
      const from = content.definition(name, content.head(op));
      const link = el("button", {
        type: "button",
        class: "link",
        on: { click: () => from >= 0 && this.app.showOp(snapshot, from) },
      });
      link.append(el("code", { text: name }));
      const value = from >= 0 ? valueNamed(content, from, name) : null;
      const parts = [link];
      if (from >= 0) parts.push(el("span", { class: "from", text: content.name(from) }));
      if (value) parts.push(ghost([value]));
      return el("li", {}, ...parts);
    });
    return el("div", {}, el("h3", { text: "Uses" }), el("ul", { class: "ops" }, ...items));
  }

  /* How many ops come from a line of the user's after each pass. */
  lineChart(key) {
    const { file, line } = keyParts(key);
    const counts = snapshots.map((one) => one.content.counts.get(key) || 0);
    const most = Math.max(1, ...counts);
    const chart = el("div", { class: "columns" });
    snapshots.forEach((snapshot, number) => {
      const label = `${snapshot.title}: ${many(counts[number], "op")}`;
      const current = number === this.app.state.pass;
      const column = el("button", {
        type: "button",
        class: `level-${snapshot.level}`,
        title: label,
        "aria-label": label,
      });
      if (current) column.setAttribute("aria-current", "step");
      column.style.setProperty("--height", counts[number] / most);
      column.addEventListener("click", () => this.app.go(number));
      chart.append(column);
    });
    const current = counts[this.app.state.pass].toLocaleString("en");
    return [
      el("h3", { text: `Ops from ${data.files[file].name.split("/").pop()}:${line}, pass by pass` }),
      chart,
      el("p", {
        class: "hint",
        text: `${current} after ${this.app.snapshot.title}, at most ${most.toLocaleString("en")}`,
      }),
    ];
  }

  runNote(snapshot) {
    const { run } = snapshot.content;
    if (!run) return null;
    const text = run.complete
      ? `Values are of a sample run: ${seconds(run.seconds)} in the interpreter.`
      : `Sample run ${run.outcome}`;
    const note = el("p", { class: run.outcome.startsWith("failed") ? "hint warned" : "hint", text });
    if (!run.printed) return note;
    return el("div", {}, note, el("h3", { text: "It printed" }), el("pre", { class: "text", text: run.printed }));
  }
}

function valueNamed(content, op, name) {
  const sample = content.sample(op);
  if (!sample) return null;
  const result = content.resultNames(op).indexOf(name);
  return (result >= 0 ? sample.results[result] : sample.arguments[content.argumentNames(op).indexOf(name)]) || null;
}

function fact(list, name, text) {
  list.append(el("dt", { text: name }), el("dd", { text }));
}

function bar(snapshot, share, text, app) {
  const row = el("button", {
    type: "button",
    class: `bar level-${snapshot.level}`,
    on: { click: () => app.go(snapshot.number) },
  });
  row.style.setProperty("--share", share.toFixed(3));
  row.append(el("span", { text: snapshot.title }), el("b", { text }));
  return row;
}

/* One value: its shape, the numbers about its elements, how they are spread, and how it went on. */
function valueCard(name, value) {
  const shown = value.first;
  const card = el("div", { class: "card" });
  const kind = shown.shape.length ? `${shown.type}[${shown.shape.join(", ")}]` : shown.type;
  card.append(el("div", { class: "title" }, el("code", { text: name }), el("span", { text: kind })));
  if (warning(value)) card.append(el("p", { class: "warned", text: warning(value) }));
  if (value.is_memory) card.append(el("p", { class: "hint", text: "memory, as it is at the end of the run" }));
  if (shown.histogram) card.append(histogram(shown));
  const facts = el("dl", { class: "facts" });
  if (shown.minimum !== undefined) fact(facts, "from … to", `${shown.minimum} … ${shown.maximum}`);
  if (shown.mean !== undefined && shown.minimum !== shown.maximum) fact(facts, "mean", shown.mean);
  if (shown.infinite) fact(facts, "infinite", shown.infinite);
  if (shown.first.length) fact(facts, shown.shape.length ? "elements" : "value", elements(shown));
  if (value.history) {
    const more = value.runs > value.history.length ? ", …" : "";
    fact(facts, `${value.runs.toLocaleString("en")} runs`, value.history.join(", ") + more);
  }
  if (value.last) fact(facts, "last", brief({ first: value.last, runs: 1 }));
  card.append(facts);
  return card;
}

function elements(summary) {
  const size = summary.shape.reduce((product, length) => product * length, 1);
  return summary.first.join(", ") + (size > summary.first.length ? ", …" : "");
}

function histogram(summary) {
  const chart = el("div", {
    class: "histogram",
    role: "img",
    "aria-label": `spread from ${summary.minimum} to ${summary.maximum}`,
  });
  for (const height of summary.histogram) {
    const column = el("i");
    column.style.setProperty("--height", height / 15);
    chart.append(column);
  }
  return chart;
}
