"use strict";
/* The passes, one after the other: how long each took, how many ops it left, and a slider over them. */

class Timeline {
  constructor(app, element) {
    Object.assign(this, { app, element });
    this.cells = snapshots.map((snapshot) => this.cell(snapshot));
    const groups = el("div", { class: "groups", role: "list" });
    for (const [level, cells] of this.byLevel()) groups.append(this.group(level, cells));
    this.slider = el("input", {
      type: "range",
      min: 0,
      max: snapshots.length - 1,
      step: 1,
      "aria-label": "Pass",
      on: { input: () => app.go(Number(this.slider.value)) },
    });
    this.slider.style.setProperty("--passes", snapshots.length);
    this.track = el("div", { class: "track" }, groups, this.slider);
    this.track.style.setProperty("--passes", snapshots.length);
    element.append(this.track, this.legend());
  }

  /* What the bars are; both are drawn on a scale of square roots, each of the largest of its kind. */
  legend() {
    const entry = (kind, text) => el("span", {}, el("i", { class: kind }), text);
    return el(
      "p",
      { class: "legend" },
      entry("ops", "ops after the pass"),
      entry("time", "time in the pass"),
      entry("idle", "a pass that changed nothing"),
    );
  }

  /* Neighbours at one level, together. */
  byLevel() {
    const runs = [];
    snapshots.forEach((snapshot, number) => {
      const last = runs[runs.length - 1];
      if (last && last[0] === snapshot.level) last[1].push(this.cells[number]);
      else runs.push([snapshot.level, [this.cells[number]]]);
    });
    return runs;
  }

  group(level, cells) {
    const group = el("div", { class: `group level-${level}`, role: "presentation" });
    group.style.flexGrow = cells.length;
    group.style.setProperty("--step", level);
    const known = data.levels[level];
    group.append(el("span", { class: "name", text: known ? known.name : "", title: known ? known.doc : "" }));
    group.append(el("div", { class: "cells", role: "presentation" }, ...cells));
    return group;
  }

  cell(snapshot) {
    const most = Math.max(...snapshots.map((one) => one.raw.count));
    const longest = Math.max(...snapshots.map((one) => one.raw.seconds)) || 1;
    const { count, seconds: spent, doc } = snapshot.raw;
    const cell = el("button", {
      type: "button",
      class: snapshot.didNothing ? "cell idle" : "cell",
      title: [snapshot.title, doc, `${many(count, "op")}, ${seconds(spent)}`].filter(Boolean).join("\n"),
      "aria-label": `${snapshot.title}: ${many(count, "op")}, ${seconds(spent)}${snapshot.didNothing ? ", did nothing" : ""}`,
      on: { click: () => this.app.go(snapshot.number) },
    });
    const bars = el("span", { class: "bars" }, el("i", { class: "ops" }), el("i", { class: "time" }));
    bars.style.setProperty("--ops", Math.sqrt(count / most).toFixed(3));
    bars.style.setProperty("--time", Math.sqrt(spent / longest).toFixed(3));
    const time = el("span", { class: "spent", text: snapshot.number ? seconds(spent) : "" });
    const pass = el("span", { class: "pass" }, el("span", { text: snapshot.title }));
    cell.append(el("span", { class: "hits" }), el("b", { text: count.toLocaleString("en") }), bars, pass, time);
    return cell;
  }

  update() {
    const { pass } = this.app.state;
    this.cells.forEach((cell, number) => {
      if (number === pass) cell.setAttribute("aria-current", "step");
      else cell.removeAttribute("aria-current");
      const found = this.app.search.isOpen ? this.app.search.lines(snapshots[number].content).length : null;
      const hits = cell.querySelector(".hits");
      hits.textContent = found === null ? "" : found.toLocaleString("en");
      hits.classList.toggle("none", found === 0);
    });
    this.slider.value = pass;
    this.slider.setAttribute("aria-valuetext", `${snapshots[pass].title}, ${pass} of ${snapshots.length - 1}`);
    const cell = this.cells[pass].getBoundingClientRect();
    const frame = this.element.getBoundingClientRect();
    if (cell.left < frame.left || cell.right > frame.right) {
      const by = cell.left + cell.width / 2 - frame.left - frame.width / 2;
      this.element.scrollTo({ left: this.element.scrollLeft + by, behavior: this.app.motion });
    }
  }
}
