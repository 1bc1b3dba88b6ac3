"use strict";
/* Columns of lines: the user's source, the IR after a pass, and what a pass changed. */

const QUIET = /(?:^|\.)(?:mlir\.)?constant$/; // ops whose value their text says already

/* The lines of the user's files. */
class SourceRows {
  constructor() {
    this.rows = [];
    data.files.forEach((file, number) => {
      if (data.files.length > 1 || file.kind !== "python") this.rows.push({ heading: file });
      let before = 0;
      for (const [line, text, spans] of file.lines) {
        if (before && line !== before + 1) this.rows.push({ gap: true });
        this.rows.push({ file, line, text, spans, key: sourceKey(number, line) });
        before = line;
      }
    });
    this.byKey = new Map(this.rows.map((row, index) => [row.key, index]));
    this.values = sourceValues();
  }

  get count() {
    return this.rows.length;
  }

  get longest() {
    return this.rows.reduce((most, row) => Math.max(most, (row.text || "").length + 24), 0);
  }

  draw(index, app) {
    const row = this.rows[index];
    if (row.heading) return el("div", { class: "row heading", text: row.heading.name, title: row.heading.path });
    if (row.gap) return el("div", { class: "row gap", text: "⋯" });
    const pieces = row.file.kind === "mlir" ? irPieces(row.text) : sourcePieces(row.text, row.spans);
    const missing = row.file.kind === "missing" ? [["c", "(this line cannot be read)"]] : pieces;
    const element = el("div", { class: "row" }, el("span", { class: "number", text: row.line }));
    element.append(el("span", { class: "heat", title: "" }), el("code", {}, paint(missing, app.search)));
    const value = this.values.get(row.key);
    if (value) element.append(ghost([value]));
    return element;
  }

  decorate(index, element, app) {
    const heat = element.querySelector(".heat");
    if (!heat) return;
    const count = app.snapshot.content.counts.get(this.rows[index].key) || 0;
    heat.style.setProperty("--heat", Math.min(1, Math.log2(count + 1) / 7).toFixed(2));
    heat.title = `${many(count, "op")} after ${app.snapshot.title}`;
  }

  key(index) {
    return this.rows[index].key ?? -1;
  }

  id() {
    return -1;
  }

  tick() {
    return "";
  }

  rowId(index) {
    return index;
  }

  indexOf(rowId) {
    return rowId < this.count ? rowId : -1;
  }

  isText(index) {
    return this.rows[index].key !== undefined;
  }
}

/* For each of the user's lines the value that the last op from it had in the sample run of the program as traced. */
function sourceValues() {
  const found = new Map();
  const content = snapshots[0].content;
  content.keys.forEach((key, op) => {
    const sample = content.sample(op);
    if (!sample || !sample.results.length || /constant$|^state\.read$|^func\.func$/.test(content.name(op))) return;
    found.set(key, sample.results[sample.results.length - 1]);
  });
  return found;
}

/* The values of a sample run, after a line. */
function ghost(values, names = []) {
  const element = el("span", { class: "ghost" });
  values.forEach((value, index) => {
    const text = brief(value);
    const warned = warning(value);
    const isPlainNan = warned && text === "nan";
    if (text && !isPlainNan) {
      element.append(el("span", { class: "value", text: names[index] ? `${names[index]} ${text}` : text }));
    }
    if (warned) element.append(el("span", { class: "warned", text: isPlainNan ? "NaN" : warned }));
  });
  return element;
}

/* What to show of an op after its first line. */
function valuesOf(content, op) {
  const sample = content.sample(op);
  if (!sample || QUIET.test(content.name(op))) return null;
  if (sample.results.length) return ghost(sample.results);
  const seen = sample.arguments
    .map((value, index) => [value, content.argumentNames(op)[index]])
    .filter(([value, name]) => value && name);
  if (!seen.length || /func$/.test(content.name(op))) return null;
  return ghost(
    seen.map(([value]) => value),
    seen.map(([, name]) => name),
  );
}

function hasWarning(content, op) {
  const sample = content.sample(op);
  return Boolean(sample) && sample.results.some((value) => value.nan_runs);
}

/* A line of IR as a row. */
function irRow(snapshot, line, mark, app) {
  const { content } = snapshot;
  const op = content.owners[line];
  const text = content.text(line);
  const shown = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)} …` : text;
  const element = el("div", { class: "row" }, el("span", { class: "number", text: line + 1 }));
  element.append(el("span", { class: "mark", text: mark.trim(), "aria-hidden": true }));
  element.append(el("code", {}, paint(irPieces(shown), app.search)));
  if (mark.trim()) element.dataset.mark = mark;
  if (content.isHead(line) && hasWarning(content, op)) element.classList.add("nan");
  const values = content.isHead(line) && mark !== "-" ? valuesOf(content, op) : null;
  if (values) element.append(values);
  return element;
}

const MARKS = { same: " ", added: "+", changed: "~" };

/* The IR after a pass, or those lines of it that a search leaves. */
class IrRows {
  constructor(snapshot, lines) {
    Object.assign(this, { snapshot, lines, content: snapshot.content });
    this.count = lines ? lines.length : this.content.lineCount;
    this.longest = this.content.longest + 40;
  }

  line(index) {
    return this.lines ? this.lines[index] : index;
  }

  op(index) {
    return this.content.owners[this.line(index)];
  }

  mark(index) {
    return MARKS[this.snapshot.change(this.op(index))];
  }

  draw(index, app) {
    const isChange = this.mark(index) !== "~" || this.content.isHead(this.line(index));
    return irRow(this.snapshot, this.line(index), isChange ? this.mark(index) : " ", app);
  }

  decorate() {}

  key(index) {
    return this.content.keys[this.op(index)];
  }

  id(index) {
    return this.content.ids[this.op(index)];
  }

  tick(index) {
    return hasWarning(this.content, this.op(index)) ? "nan" : this.mark(index).trim();
  }

  rowId(index) {
    return this.line(index);
  }

  indexOf(rowId) {
    if (this.lines) return this.lines.indexOf(rowId);
    return rowId < this.count ? rowId : -1;
  }

  isText() {
    return true;
  }
}

/* What a pass did. */
class DiffRows {
  constructor(rows, longest) {
    Object.assign(this, { rows, longest: longest + 40, count: rows.length });
  }

  draw(index, app) {
    const row = this.rows[index];
    if (row.mark !== "fold") return irRow(row.snapshot, row.line, row.mark, app);
    const element = el("div", { class: "row fold", text: `⋯ ${many(row.count, "unchanged line")}` });
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      app.unfold(row.at);
    });
    return element;
  }

  decorate() {}

  owner(index) {
    const { snapshot, line } = this.rows[index];
    return snapshot ? [snapshot.content, snapshot.content.owners[line]] : null;
  }

  key(index) {
    const owner = this.owner(index);
    return owner ? owner[0].keys[owner[1]] : -1;
  }

  id(index) {
    const owner = this.owner(index);
    return owner ? owner[0].ids[owner[1]] : -1;
  }

  tick(index) {
    const { mark } = this.rows[index];
    return mark === "fold" ? "" : mark.trim();
  }

  rowId(index) {
    return index;
  }

  indexOf(rowId) {
    return rowId < this.count ? rowId : -1;
  }

  isText(index) {
    return this.rows[index].mark !== "fold";
  }
}

const TICKS = { "+": "--added", "-": "--removed", "~": "--changed", ">": "--changed", nan: "--warning" };

/* A column: a heading, the list, and beside it a ruler with a tick for each row of interest. */
class Column {
  constructor(app, id, label, heading, rows, snapshot = null) {
    Object.assign(this, { app, id, rows, snapshot });
    this.list = new VirtualList(
      label,
      (index) => this.rows.draw(index, app),
      (index, row) => this.decorate(index, row),
    );
    this.ruler = el("canvas", { class: "ruler", "aria-hidden": "true" });
    this.body = el("div", { class: "body" }, this.list.element, this.ruler);
    this.element = el("section", { class: "column" }, heading, this.body);
    this.list.element.addEventListener("click", (event) => this.clicked(event));
    this.list.element.addEventListener("pointerover", (event) => this.pointAt(event.target.dataset.value));
    this.list.element.addEventListener("pointerleave", () => this.pointAt(undefined));
    this.ruler.addEventListener("click", (event) => this.jump(event.offsetY));
    this.resized = new ResizeObserver(() => this.drawRuler());
    this.resized.observe(this.body);
  }

  show(rows) {
    this.rows = rows;
    this.list.reset(rows.count, rows.longest);
    this.update();
  }

  /* The selection, or what it is compared with, has changed. */
  update() {
    this.list.refresh();
    const { cursor } = this.app.state;
    this.list.setActive(cursor && cursor.column === this.id ? this.rows.indexOf(cursor.row) : null);
    this.drawRuler();
  }

  decorate(index, element) {
    const { cursor, key, id } = this.app.state;
    const isCursor = Boolean(cursor) && cursor.column === this.id && this.rows.indexOf(cursor.row) === index;
    element.classList.toggle("cursor", isCursor);
    element.setAttribute("aria-selected", isCursor);
    element.classList.toggle("related", key !== null && this.rows.key(index) === key);
    element.classList.toggle("twin", id !== null && this.rows.id(index) === id);
    this.rows.decorate(index, element, this.app);
  }

  clicked(event) {
    const row = event.target.closest(".row");
    if (row) this.choose(Number(row.dataset.index));
  }

  choose(index) {
    if (!this.rows.isText(index)) return;
    const snapshot = this.rows.rows && this.rows.rows[index].snapshot ? this.rows.rows[index].snapshot : this.snapshot;
    const id = this.rows.id(index);
    this.app.select({
      key: this.rows.key(index) < 0 ? null : this.rows.key(index),
      id: id < 0 ? null : id,
      cursor: { column: this.id, row: this.rows.rowId(index) },
      seenAt: snapshot ? snapshot.number : null,
    });
    this.list.reveal(index);
    this.list.setActive(index);
  }

  /* Mark every use of a value that the pointer is at. */
  pointAt(name) {
    if (this.pointed === name) return;
    this.pointed = name;
    for (const element of this.list.sizer.querySelectorAll("[data-value]")) {
      element.classList.toggle("pointed", element.dataset.value === name);
    }
  }

  /* Bring what is selected into view, unless some of it is. */
  revealSelection() {
    const { key, id, cursor } = this.app.state;
    if (cursor && cursor.column === this.id) {
      const index = this.rows.indexOf(cursor.row);
      if (index >= 0) this.list.reveal(index);
      return;
    }
    const [first, last] = this.list.range;
    const isWanted = (index) =>
      (id !== null && this.rows.id(index) === id) || (key !== null && this.rows.key(index) === key);
    for (let index = first; index < last - 1; index++) if (isWanted(index)) return;
    for (let index = 0; index < this.rows.count; index++) {
      if (isWanted(index)) {
        this.list.reveal(index);
        return;
      }
    }
  }

  jump(offset) {
    const index = Math.floor((offset / this.ruler.clientHeight) * this.rows.count);
    this.list.element.scrollTop = index * ROW - this.list.element.clientHeight / 2;
  }

  /* A colour of the style sheet as a canvas understands it. */
  color(name) {
    this.ruler.style.color = `var(${name})`;
    return getComputedStyle(this.ruler).color;
  }

  drawRuler() {
    const { clientWidth: width, clientHeight: height } = this.ruler;
    const scale = devicePixelRatio || 1;
    this.ruler.width = width * scale;
    this.ruler.height = height * scale;
    const context = this.ruler.getContext("2d");
    context.scale(scale, scale);
    const perRow = height / Math.max(this.rows.count, height / 4);
    const tick = (index, color, left, right) => {
      context.fillStyle = color;
      context.fillRect(left, index * perRow, right - left, Math.max(1.5, perRow - 0.5));
    };
    const colors = Object.fromEntries(Object.entries(TICKS).map(([kind, name]) => [kind, this.color(name)]));
    const accent = this.color("--accent");
    for (let index = 0; index < this.rows.count; index++) {
      const kind = this.rows.tick(index);
      if (kind) tick(index, colors[kind], 0, width * 0.4);
    }
    const { key, id } = this.app.state;
    for (let index = 0; index < this.rows.count; index++) {
      if ((key !== null && this.rows.key(index) === key) || (id !== null && this.rows.id(index) === id)) {
        tick(index, accent, width * 0.4, width);
      }
    }
  }

  dispose() {
    this.list.dispose();
    this.resized.disconnect();
    this.element.remove();
  }
}
