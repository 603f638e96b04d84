// Deterministic requests: the same bytes in every run and on every machine.

import parsePhoneNumber from "libphonenumber-js/max";

import { codes, kind, root, step } from "./plans.mjs";

/** Numbers from 0 up to below 1, the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const MOBILE = [9, 10];

/** A mobile number of one of the codes, by a walk through the plans; undefined where the walk leads nowhere. */
function walked(code, next) {
  const lengths = [];
  for (let length = 4; length <= 15; length += 1) if (code.lengths & (1 << (length - 2))) lengths.push(length);
  const length = lengths[Math.floor(next() * lengths.length)];
  let node = root(code.place, length);
  let digits = "";
  while (digits.length < length && node > 0) {
    const digit = Math.floor(next() * 10);
    digits += digit;
    if (node >= 256) node = step(node, digit);
  }
  return node > 0 && node < 256 && MOBILE.includes(kind(node)) ? `+${code.number}${digits}` : undefined;
}

/** Different mobile numbers that both sides hold for valid; of all codes, or of +1 alone. */
export function numbers(count, everywhere, seed) {
  const next = random(seed);
  const chosen = codes.filter((code) => everywhere || code.number === 1);
  const found = new Set();
  while (found.size < count) {
    const number = walked(chosen[Math.floor(next() * chosen.length)], next);
    // The two sides' metadata are of different days.
    if (number && parsePhoneNumber(number)?.isValid() && parsePhoneNumber(number).number === number) found.add(number);
  }
  return [...found];
}

const NAMES = ["Anna", "José", "Zoë", "Mehmet", "Oluwaseun", "Mary-Jane", "小林", "Łukasz", 'Ann "Annie"', "Per"];
const CITIES = ["Berlin", "São Paulo", "London", "Kraków", "Lagos", "Orléans", "Reno", "İzmir"];

/** As people write a number: 2 in 100 with spaces and brackets, 1 in 100 with the prefix of the older API. */
function written(number, place) {
  if (place % 100 === 7) return `${number.slice(0, -7)} (${number.slice(-7, -4)}) ${number.slice(-4)}`;
  if (place % 100 === 57) return `${number.slice(0, -4)}-${number.slice(-4)}`;
  if (place % 100 === 77) return `whatsapp:${number}`;
  return number;
}

/** A text that is the same for all, and one that is not. */
export const PLAIN = "Hello, your order is on its way. Tell us if it has not arrived by Friday: https://example.com/help";
export const LIQUID = "Hello {{ firstName }}, your order {{ order }} is on its way to {{ city }}: {{ link }}";

/** A request as bytes: recipients with five variables each, and `filler` more characters where it is to be large. */
export function request({ rows, everywhere, filler, seed }, text) {
  const next = random(seed + 1);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const to = numbers(rows, everywhere, seed).map((number, place) => {
    const variables = {
      firstName: pick(NAMES),
      city: pick(CITIES),
      code: String(100000 + Math.floor(next() * 900000)),
      order: `2026-${10000 + Math.floor(next() * 90000)}`,
      link: `https://example.com/o/${Math.floor(next() * 1e9).toString(36)}`,
    };
    if (filler > 0) variables.note = pick(["Lorem ipsum dolor sit amet ", "Consectetur adipiscing elit "]).repeat(filler).slice(0, filler);
    return { address: written(number, place), channel: "PHONE", variables };
  });
  const body = {
    from: { address: "+15017122661", channel: "SMS" },
    content: { text },
    to,
    tags: { campaign: "autumn" },
  };
  return new TextEncoder().encode(JSON.stringify(body));
}

/** What is measured: about 2 MB and about 10 MB, each with numbers of one country and of all. */
export const PAYLOADS = [
  { name: "2 MB, one country", rows: 10_000, everywhere: false, filler: 0, seed: 1 },
  { name: "2 MB, all regions", rows: 10_000, everywhere: true, filler: 0, seed: 2 },
  { name: "10 MB, one country", rows: 10_000, everywhere: false, filler: 750, seed: 3 },
  { name: "10 MB, all regions", rows: 10_000, everywhere: true, filler: 750, seed: 4 },
];

/** Rows of a batch: ten of them from 10,000 rows, as a campaign of 100,000 would give. */
export const BATCH_ROWS = 1_000;
