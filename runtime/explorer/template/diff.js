"use strict";
/* What a pass did, line by line: ops keep their numbers, so that lines are compared by op and not by text. */

const CONTEXT = 3; // unchanged lines around a change that are shown
const SHORTEST_FOLD = 6;

/* For each line the op and which of the op's lines it is, as text. */
function lineIdentities(content) {
  const seen = new Map();
  return content.owners.map((op) => {
    const id = content.ids[op];
    const ordinal = seen.get(id) || 0;
    seen.set(id, ordinal + 1);
    return `${id}.${ordinal}`;
  });
}

/* The longest increasing subsequence of distinct numbers, as the set of the positions that it takes. */
function longestIncreasing(numbers) {
  const ends = []; // ends[k]: the position of the smallest number at which a subsequence of k + 1 numbers ends
  const before = new Array(numbers.length).fill(-1);
  numbers.forEach((number, position) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    before[position] = low ? ends[low - 1] : -1;
    ends[low] = position;
  });
  const kept = new Set();
  for (let at = ends.length ? ends[ends.length - 1] : -1; at >= 0; at = before[at]) kept.add(at);
  return kept;
}

/* Rows of a diff: mark " ", "+", "-", "~" (changed) or ">" (moved here), and the line in the old or the new text. */
function diffRows(before, after) {
  if (after.didNothing || before === after)
    return after.content.owners.map((_, line) => ({ mark: " ", snapshot: after, line }));
  const old = lineIdentities(before.content);
  const now = lineIdentities(after.content);
  const placeInOld = new Map(old.map((identity, line) => [identity, line]));
  const shared = now.map((identity, line) => line).filter((line) => placeInOld.has(now[line]));
  const kept = longestIncreasing(shared.map((line) => placeInOld.get(now[line])));
  const steady = new Map(); // new line → old line, for lines that kept their order
  shared.forEach((line, position) => kept.has(position) && steady.set(line, placeInOld.get(now[line])));
  const rows = [];
  const stays = new Set(now);
  let fresh = []; // new lines since the last steady one: they come after the old lines that they replace
  let next = 0;
  const removeUpTo = (end) => {
    for (; next < end; next++) if (!stays.has(old[next])) rows.push({ mark: "-", snapshot: before, line: next });
  };
  now.forEach((identity, line) => {
    const from = steady.get(line);
    const row = { mark: markOf(after, line, from, placeInOld.has(identity)), snapshot: after, line };
    if (from === undefined) {
      fresh.push(row);
      return;
    }
    removeUpTo(from);
    next = from + 1;
    rows.push(...fresh, row);
    fresh = [];
  });
  removeUpTo(old.length);
  return rows.concat(fresh);
}

function markOf(after, line, from, wasThere) {
  const change = after.change(after.content.owners[line]);
  if (!wasThere) return "+";
  if (change === "changed" && after.content.isHead(line)) return "~";
  return from === undefined ? ">" : " ";
}

/* The rows with long stretches of unchanged lines folded into one row each; `open` holds the folds that are not. */
function foldRows(rows, open) {
  const folded = [];
  for (let at = 0; at < rows.length;) {
    let end = at;
    while (end < rows.length && rows[end].mark === " ") end++;
    if (end === at) {
      folded.push(rows[at++]);
      continue;
    }
    const first = at === 0 ? 1 : at + CONTEXT; // the module's own line stays
    const last = end === rows.length ? end - 1 : end - CONTEXT;
    if (last - first < SHORTEST_FOLD || open.has(at)) folded.push(...rows.slice(at, end));
    else folded.push(...rows.slice(at, first), { mark: "fold", at, count: last - first }, ...rows.slice(last, end));
    at = end;
  }
  return folded;
}
