"use strict";
/* The program as the page was told it, and the questions that the other parts ask about it. */

const data = JSON.parse(document.getElementById("data").textContent);

const CHANGES = ["same", "added", "changed"];
const LONGEST_LINE = 2000; // characters of a line that are shown: constants may have millions

/* A line of the user's as one number, so that lines can be compared quickly. */
function sourceKey(file, line) {
  return file * 1e7 + line;
}

function keyParts(key) {
  return { file: Math.floor(key / 1e7), line: key % 1e7 };
}

/* What stands after a pass: lines and ops. Passes that did nothing share one. */
class Content {
  constructor(raw) {
    this.raw = raw;
    this.lineCount = raw.lines.length;
    this.owners = raw.owners;
    this.ids = raw.ids;
    this.keys = raw.places.map((place) => {
      const found = data.places[place];
      return found ? sourceKey(found[0], found[1]) : -1;
    });
  }

  text(line) {
    return data.texts[this.raw.lines[line]];
  }

  name(op) {
    return data.texts[this.raw.names[op]];
  }

  head(op) {
    return this.raw.heads[op];
  }

  isHead(line) {
    return this.raw.heads[this.owners[line]] === line;
  }

  place(op) {
    return data.places[this.raw.places[op]] || null;
  }

  /* The op with this number, by its position here; undefined where it does not stand here. */
  find(id) {
    if (!this.positions) this.positions = new Map(this.ids.map((one, position) => [one, position]));
    return this.positions.get(id);
  }

  /* How many ops come from each line of the user's. */
  get counts() {
    if (!this.countsByKey) {
      this.countsByKey = new Map();
      for (const key of this.keys) this.countsByKey.set(key, (this.countsByKey.get(key) || 0) + 1);
    }
    return this.countsByKey;
  }

  get longest() {
    if (!this.longestLine) {
      this.longestLine = this.raw.lines.reduce((most, text) => Math.max(most, data.texts[text].length), 0);
    }
    return Math.min(this.longestLine, LONGEST_LINE);
  }

  get run() {
    return this.raw.run;
  }

  /* What happened to an op in the sample run, or null. */
  sample(op) {
    const number = this.run ? this.run.values[op] : undefined;
    return number === undefined ? null : data.samples[number];
  }

  /* The names of the arguments of an op's blocks. */
  argumentNames(op) {
    return this.raw.arguments[op] || [];
  }

  /* The names of an op's results, as its text begins with them. */
  resultNames(op) {
    const found = /^\s*((?:%[\w$.-]+(?:, )?)+) = /.exec(this.text(this.head(op)));
    return found ? found[1].split(", ") : [];
  }

  /* The names of the values that an op uses, each once. */
  operandNames(op) {
    const text = this.text(this.head(op)).slice(0, LONGEST_LINE);
    const own = new Set([...this.resultNames(op), ...this.argumentNames(op)]);
    const used = text.replace(/"(?:[^"\\]|\\.)*"/g, "").match(/%[\w$.-]+/g) || [];
    return [...new Set(used)].filter((name) => !own.has(name));
  }

  /* The op that defines the value called `name` where line `line` stands: names are unique in a function. */
  definition(name, line) {
    const [first, last] = this.functionAround(line);
    let nearest = -1;
    for (let at = first; at <= last; at++) {
      const op = this.owners[at];
      if (!this.isHead(at)) continue;
      if (this.resultNames(op).includes(name) || this.argumentNames(op).includes(name)) {
        nearest = op;
        if (at <= line) return op;
      }
    }
    return nearest;
  }

  functionAround(line) {
    const isFunction = (at) => /^ {0,2}(?:func|llvm)\.func /.test(this.text(at));
    let first = line;
    while (first > 0 && !isFunction(first)) first--;
    let last = line + 1;
    while (last < this.lineCount && !isFunction(last)) last++;
    return [first, last - 1];
  }
}

/* A pass, and what it left. */
class Snapshot {
  constructor(number, raw, content) {
    Object.assign(this, { number, raw, content });
    this.level = Math.max(
      0,
      data.levels.findIndex((level) => level.name === raw.level),
    );
    this.didNothing = raw.like !== undefined;
    this.title = raw.pass || "as traced";
  }

  get levelName() {
    return data.levels.length ? data.levels[this.level].name : "";
  }

  /* What the pass did to an op: "same", "added" or "changed". */
  change(op) {
    return this.didNothing ? "same" : CHANGES[this.content.raw.changes[op]];
  }
}

const snapshots = [];
for (const [number, raw] of data.snapshots.entries()) {
  const content = raw.like === undefined ? new Content(raw) : snapshots[raw.like].content;
  snapshots.push(new Snapshot(number, raw, content));
}

/* The last snapshot at a level. */
function endOfLevel(level) {
  return snapshots.findLast((snapshot) => snapshot.level === level);
}

/* From the pass that made an op to the last after which it stands. */
function lifetime(id) {
  const alive = snapshots.filter((snapshot) => snapshot.content.find(id) !== undefined);
  return alive.length ? [alive[0], alive[alive.length - 1]] : null;
}

/* What lines a search leaves: which texts have what was asked for is worked out once for all snapshots. */
class Search {
  constructor(query) {
    this.query = query.trim().toLowerCase();
    this.cache = new Map();
    this.hits = this.query ? data.texts.map((text) => text.toLowerCase().includes(this.query)) : null;
  }

  get isOpen() {
    return this.hits !== null;
  }

  lines(content) {
    if (!this.isOpen) return null;
    let found = this.cache.get(content);
    if (!found) {
      found = [];
      content.raw.lines.forEach((text, line) => this.hits[text] && found.push(line));
      this.cache.set(content, found);
    }
    return found;
  }

  matches(text) {
    return this.isOpen && text.toLowerCase().includes(this.query);
  }
}

/* A value of a sample run in a few words. */
function brief(value) {
  const { first, last, history, runs } = value;
  if (!first) return "";
  if (first.shape.length === 0) {
    if (!history) return first.first[0];
    const shown = history.slice(0, runs > 4 ? 3 : 4).join(", ");
    return runs <= 4 ? shown : `${shown}, … ${last ? last.first[0] : ""} (${runs}×)`;
  }
  const shown = value.is_memory || runs === 1 ? first : last || first;
  const size = `${shown.type}[${shown.shape.join("×")}]`;
  if (shown.minimum === undefined) return shown.infinite && !shown.nan ? `${size} ${shown.first[0]}, …` : size;
  return shown.minimum === shown.maximum
    ? `${size} all ${shown.minimum}`
    : `${size} ${shown.minimum} … ${shown.maximum}`;
}

/* What to warn of in a value: NaN that an op computed. */
function warning(value) {
  if (!value.nan_runs) return "";
  return value.first && value.first.nan ? `${value.first.nan} NaN` : `NaN ${value.nan_runs}×`;
}

function seconds(spent) {
  if (spent >= 1) return `${spent.toFixed(2)} s`;
  if (spent >= 0.001) return `${(spent * 1e3).toFixed(spent >= 0.01 ? 0 : 1)} ms`;
  return `${Math.round(spent * 1e6)} µs`;
}

function many(count, what) {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

/* An element; whatever is shown comes in as text, never as markup. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name === "on")
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
