// The package's table of numbering plans, walked in JavaScript: the strongest peer has the same data as the module.
//
// How the table is laid out is written in src/xtask/phones/table.rs.

import { readFileSync } from "node:fs";

const table = readFileSync(new URL("../../src/core/phone/table.bin", import.meta.url));
const SECTIONS = 17;
const FEWEST = 2;
const ROOT_NODES = 256;
const MAP_COLUMNS = 6;

const line = table.indexOf(10);
const sections = [];
for (let at = 0, begin = line + 1 + 2 * SECTIONS; at < SECTIONS; at += 1) {
  const size = table.readUInt16LE(line + 1 + 2 * at);
  sections.push(new Uint8Array(table.subarray(begin, begin + size)));
  begin += size;
}
const words = (section) => Uint16Array.from({ length: section.length >> 1 }, (_, at) => section[2 * at] | (section[2 * at + 1] << 8));
const BY_FRONT = sections[0];
const CODE_NUMBERS = words(sections[1]);
const CODE_LENGTHS = words(sections[2]);
const CODE_ROOTS = words(sections[3]);
const ROOTS = words(sections[13]);
const ANSWERS = sections[14];
const MAPS = sections[15];
const NODES = sections[16];
const MAP_COUNT = MAPS.length / MAP_COLUMNS;

/** Calling codes, each by its place in the table. */
export const codes = Array.from(CODE_NUMBERS, (number, place) => ({ number, place, lengths: CODE_LENGTHS[place] })).filter(
  (code) => code.number > 0,
);

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
  const at = node - ROOT_NODES;
  const map = NODES[at] | (NODES[at + 1] << 8);
  const slot = (MAPS[(digit >> 1) * MAP_COUNT + map] >> ((digit & 1) * 4)) & 15;
  if (slot === 0) return 0;
  const nodes = MAPS[(MAP_COLUMNS - 1) * MAP_COUNT + map];
  const targets = at + 2;
  if (slot - 1 >= nodes) return NODES[targets + 2 * nodes + slot - 1 - nodes];
  const back = targets + 2 * (slot - 1);
  return at - (NODES[back] | (NODES[back + 1] << 8)) + ROOT_NODES;
}

/** What kind of line an answer of the walk is: 9 is a mobile, 10 a mobile or a landline. */
export function kind(answer) {
  return ANSWERS[2 * (answer - 1)];
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
    // An end in front of the last digit: what follows makes no difference.
    if (node >= ROOT_NODES) node = step(node, digit);
    else if (node === 0) return false;
  }
  return node > 0 && node < ROOT_NODES;
}
