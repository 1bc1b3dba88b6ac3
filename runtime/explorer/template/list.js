"use strict";
/* A long list of rows of one height, of which only those that can be seen are in the page. */

const ROW = 20; // pixels; the style sheet's --row
const MARGIN = 12; // rows kept ready above and below

let listCount = 0;

class VirtualList {
  /* `draw(index)` makes the element of a row, `decorate(index, element)` says how it looks now. */
  constructor(label, draw, decorate) {
    Object.assign(this, { draw, decorate, count: 0, rows: new Map(), prefix: `list-${listCount++}` });
    this.sizer = el("div", { class: "sizer", role: "presentation" });
    this.element = el("div", { class: "list", tabindex: "0", role: "listbox", "aria-label": label }, this.sizer);
    this.element.addEventListener("scroll", () => this.schedule(), { passive: true });
    this.observer = new ResizeObserver(() => this.schedule());
    this.observer.observe(this.element);
  }

  /* Show `count` rows of at most `characters` characters, all drawn anew. */
  reset(count, characters) {
    this.count = count;
    this.sizer.style.height = `${count * ROW}px`;
    this.sizer.style.minWidth = `calc(${characters}ch + 5rem)`;
    for (const element of this.rows.values()) element.remove();
    this.rows.clear();
    this.render();
  }

  schedule() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.render();
    });
  }

  get range() {
    const first = Math.floor(this.element.scrollTop / ROW);
    return [first, Math.min(this.count, first + Math.ceil(this.element.clientHeight / ROW) + 1)];
  }

  render() {
    const [first, last] = this.range;
    const from = Math.max(0, first - MARGIN);
    const to = Math.min(this.count, last + MARGIN);
    for (const [index, element] of this.rows) {
      if (index < from || index >= to) {
        element.remove();
        this.rows.delete(index);
      }
    }
    const fresh = document.createDocumentFragment();
    for (let index = from; index < to; index++) if (!this.rows.has(index)) fresh.append(this.makeRow(index));
    this.sizer.append(fresh);
  }

  makeRow(index) {
    const element = this.draw(index);
    element.style.top = `${index * ROW}px`;
    element.id = `${this.prefix}-${index}`;
    element.dataset.index = index;
    element.setAttribute("role", "option");
    element.setAttribute("aria-setsize", this.count);
    element.setAttribute("aria-posinset", index + 1);
    this.rows.set(index, element);
    this.decorate(index, element);
    return element;
  }

  /* Something about how rows look has changed, their texts have not. */
  refresh() {
    for (const [index, element] of this.rows) this.decorate(index, element);
  }

  /* The row that the keyboard is at, told to assistive technology. */
  setActive(index) {
    if (index === null || !this.rows.has(index)) this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", `${this.prefix}-${index}`);
  }

  isVisible(index) {
    const top = index * ROW - this.element.scrollTop;
    return top >= 0 && top + ROW <= this.element.clientHeight;
  }

  /* Bring a row into view: not at all where it is, a third down where it is far away. */
  reveal(index) {
    if (this.isVisible(index)) return;
    this.element.scrollTop = Math.max(0, index * ROW - this.element.clientHeight / 3);
    this.render();
  }

  dispose() {
    this.observer.disconnect();
    cancelAnimationFrame(this.pending);
  }
}
