"use strict";
/* The columns side by side, of which only those that can be seen are filled. */

const NARROW = matchMedia("(max-width: 820px)");
const FEWEST = { levels: 360, passes: 440, diff: 0 }; // pixels that a column takes at least
const AT_ONCE = { levels: 3, passes: 2, diff: 1 }; // columns that fit where there is room

class Strip {
  constructor(app, element) {
    Object.assign(this, { app, element, slots: [] });
    element.addEventListener("scroll", () => this.schedule(), { passive: true });
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(element);
  }

  /* Show these columns, each `{name, id, label, snapshot, heading, rows}`; equal names are the same column. */
  show(specs, focus) {
    const old = new Map(this.slots.map((slot) => [slot.spec.name, slot]));
    this.slots = specs.map((spec) => {
      const slot = old.get(spec.name);
      if (!slot) return { spec, element: el("div", { class: "slot" }), column: null };
      old.delete(spec.name);
      const heading = spec.heading();
      if (slot.column) slot.column.element.firstChild.replaceWith(heading);
      return Object.assign(slot, { spec });
    });
    for (const slot of old.values()) {
      if (slot.column) slot.column.dispose();
      slot.element.remove();
    }
    this.slots.forEach((slot, index) => {
      if (this.element.children[index] !== slot.element)
        this.element.insertBefore(slot.element, this.element.children[index] || null);
    });
    this.focused = focus;
    this.resized();
  }

  resized() {
    const { view } = this.app;
    const width = this.element.clientWidth;
    if (!width) return;
    const atOnce = NARROW.matches ? 1 : Math.min(AT_ONCE[view], this.slots.length);
    this.width = NARROW.matches ? width : Math.max(FEWEST[view], width / atOnce);
    this.element.style.setProperty("--column", `${this.width}px`);
    this.reveal(this.focused, "instant");
    this.fill();
  }

  /* Bring a column into view: a pass beside the one before it. */
  reveal(index, behavior) {
    const left = index * this.width;
    const fits = Math.max(1, Math.floor((this.element.clientWidth + 1) / this.width));
    if (this.app.view === "passes") this.element.scrollTo({ left: left - (fits - 1) * this.width, behavior });
    else if (left < this.element.scrollLeft) this.element.scrollTo({ left, behavior });
    else if (left + this.width > this.element.scrollLeft + this.element.clientWidth + 1) {
      this.element.scrollTo({ left: left - (fits - 1) * this.width, behavior });
    }
  }

  schedule() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.fill();
    });
  }

  /* Make the columns that can be seen, and take the others away. */
  fill() {
    const { scrollLeft, clientWidth } = this.element;
    this.slots.forEach((slot, index) => {
      const left = index * this.width;
      const isNear = left < scrollLeft + clientWidth - 1 && left + this.width > scrollLeft + 1;
      if (isNear && !slot.column) this.mount(slot);
      if (!isNear && slot.column) {
        slot.column.dispose();
        slot.column = null;
      }
    });
  }

  mount(slot) {
    const { id, label, heading, rows, snapshot } = slot.spec;
    slot.column = new Column(this.app, id, label, heading(), rows(), snapshot);
    slot.element.append(slot.column.element);
    slot.column.show(slot.column.rows);
    slot.column.revealSelection();
  }

  get columns() {
    return this.slots.map((slot) => slot.column).filter(Boolean);
  }
}
