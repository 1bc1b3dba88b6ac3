"use strict";
/* Colours: a line of IR, or of Python, as pieces of a class each. */

const IR_TOKEN = new RegExp(
  [
    /(?<c>\/\/.*)/,
    /(?<s>"(?:[^"\\]|\\.)*"?)/,
    /(?<v>%[\w$.-]+(?:#\d+)?)/,
    /(?<b>\^[\w$.-]+)/,
    /(?<y>@(?:[\w$.-]+))/,
    /(?<a>affine_map<\([^)]*\)(?:\[[^\]]*\])? -> \([^)]*\)>|#[\w.]+|array<[^<>]*>)/,
    /(?<t>!?[a-z][\w.]*<[^<>]*(?:<[^<>]*(?:<[^<>]*>[^<>]*)*>[^<>]*)*>|![\w.]+|\b(?:index|none|bf16|s?u?i\d+|f\d+)\b)/,
    /(?<n>(?<![\w.])-?(?:0x[\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\b)/,
    /(?<o>\b[a-z_]\w*(?:\.[a-z_]\w*)+\b)/,
    /(?<k>\b(?:to|step|do|else|iter_args|attributes|ins|outs|into|from|true|false|private|restrict|loc|unit)\b)/,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

/* [class, text] for each piece; the class of plain text is "". */
function irPieces(text) {
  const pieces = [];
  let at = 0;
  for (const match of text.matchAll(IR_TOKEN)) {
    if (match.index > at) pieces.push(["", text.slice(at, match.index)]);
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    pieces.push([/^dense(?:_resource)?</.test(match[0]) ? "n" : kind, match[0]]);
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push(["", text.slice(at)]);
  return pieces;
}

function sourcePieces(text, spans) {
  const pieces = [];
  let at = 0;
  for (const [start, length, kind] of spans) {
    if (start > at) pieces.push(["", text.slice(at, start)]);
    pieces.push([kind, text.slice(start, start + length)]);
    at = start + length;
  }
  if (at < text.length) pieces.push(["", text.slice(at)]);
  return pieces;
}

/* Pieces as elements. What a search looks for is marked, where it lies within one piece. */
function paint(pieces, search) {
  const fragment = document.createDocumentFragment();
  for (const [kind, text] of pieces) {
    const at = search && search.isOpen ? text.toLowerCase().indexOf(search.query) : -1;
    if (!kind && at < 0) {
      fragment.append(text);
      continue;
    }
    const element = el("span", { class: kind ? `syntax-${kind}` : null });
    if (at < 0) element.textContent = text;
    else {
      const end = at + search.query.length;
      element.append(text.slice(0, at), el("mark", { text: text.slice(at, end) }), text.slice(end));
    }
    if (kind === "v") element.dataset.value = text;
    fragment.append(element);
  }
  return fragment;
}
