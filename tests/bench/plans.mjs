// The package's numbering plans, walked in JavaScript: the strongest peer has the same data as the module.
//
// `cargo xtask bench` writes them unpacked (src/xtask/phones/plain.rs), so this side need not unpack anything.

import plans from "./generated/plans.json" with { type: "json" };

const FEWEST = 2;
const ROOT_NODES = 256;

const CODE_NUMBERS = plans.numbers;
const CODE_LENGTHS = plans.lengths;
const ROOTS = Uint16Array.from(plans.roots);
const NODES = Uint16Array.from(plans.nodes);
const CODE_ROOTS = [];
let roots = 0;
for (const lengths of CODE_LENGTHS) {
  CODE_ROOTS.push(roots);
  roots += ones(lengths);
}
/** For each three digits that a number can begin with, from 100 on, the place of its calling code. */
const BY_FRONT = new Uint8Array(900).fill(255);
CODE_NUMBERS.forEach((number, place) => {
  const scale = number < 10 ? 100 : number < 100 ? 10 : 1;
  BY_FRONT.fill(place, number * scale - 100, (number + 1) * scale - 100);
});

/** Calling codes, each by its place in the table. */
export const codes = CODE_NUMBERS.map((number, place) => ({ number, place, lengths: CODE_LENGTHS[place] }));

function ones(bits) {
  let count = 0;
  for (; bits; bits &= bits - 1) count += 1;
  return count;
}

/** Where walking the national numbers of a length begins. */
export function root(place, length) {
  const lengths = CODE_LENGTHS[place];
  const bit = 1 << (length - FEWEST);
  return lengths & bit ? ROOTS[CODE_ROOTS[place] + ones(lengths & (bit - 1))] : 0;
}

/** A step of the walk: what is below 256 is the end, and 0 says that there is no such number. */
export function step(node, digit) {
  return NODES[10 * (node - ROOT_NODES) + digit];
}

/** What kind of line an answer of the walk is: 9 is a mobile, 10 a mobile or a landline. */
export function kind(answer) {
  return plans.kinds[answer - 1];
}

/** Whether a text is an assigned number in E.164 form. */
export function isNumber(text) {
  const length = text.length;
  if (length < 4 || length > 16 || text.charCodeAt(0) !== 43) return false;
  const front = 100 * (text.charCodeAt(1) - 48) + 10 * (text.charCodeAt(2) - 48) + (text.charCodeAt(3) - 48) - 100;
  const place = BY_FRONT[front];
  const number = CODE_NUMBERS[place];
  if (!number) return false;
  const begin = number < 10 ? 2 : number < 100 ? 3 : 4;
  if (length - begin < FEWEST) return false;
  let node = root(place, length - begin);
  for (let at = begin; at < length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return false;
    // An end before the last digit: what follows makes no difference.
    if (node >= ROOT_NODES) node = step(node, digit);
    else if (node === 0) return false;
  }
  return node > 0 && node < ROOT_NODES;
}
