// What the module does with vectors, which natively is done otherwise: reading strings that are not all ASCII.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const folder = new URL("../../target/npm/package/", import.meta.url);
const glue = await import(new URL("glue.js", folder));
const { spelled } = await import(new URL("options.js", folder));
glue.initSync({ module: readFileSync(new URL("postgate.wasm", folder)) });

/** At least one byte of each kind that UTF-8 tells apart, and those next to where the kinds change. */
const BYTES = [
  0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1,
  0xf3, 0xf4, 0xf5, 0xff,
];
/** Fewer of them, for four in a row. */
const FEWER = [0x20, 0x80, 0x8f, 0x90, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5];
/** Bytes that are looked at in one step. */
const WIDTH = 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const options = spelled({ now: "2026-01-01T00:00:00Z" });

/** A request whose second row is written like the first, with room for a value of so many bytes. */
function request(length) {
  const row = (value) => ({ address: "+14155550132", channel: "PHONE", variables: { name: value } });
  const value = "?".repeat(length);
  const text = JSON.stringify({ content: { text: "Hi" }, to: [row("Ada"), row(value)], tags: {} });
  const bytes = encoder.encode(text);
  const at = text.indexOf(value);
  return [bytes, bytes.subarray(at, at + length)];
}

function isText(value) {
  try {
    decoder.decode(value);
    return true;
  } catch {
    return false;
  }
}

/** Puts all combinations of so many bytes at the end of a value; how many of them are text. */
function compare(alphabet, count, length) {
  const [bytes, value] = request(length);
  const places = Array.from({ length: count }, (_, place) => length - count + place);
  let texts = 0;
  for (let combination = 0; combination < alphabet.length ** count; combination += 1) {
    let rest = combination;
    for (const place of places) {
      value[place] = alphabet[rest % alphabet.length];
      rest = Math.floor(rest / alphabet.length);
    }
    const { issues } = JSON.parse(decoder.decode(glue.check(bytes, options)));
    const refused = issues.some(({ code }) => code === "request/not-utf8");
    assert.equal(refused, !isText(value), `${[...value].map((byte) => byte.toString(16))}`);
    texts += refused ? 0 : 1;
  }
  return texts;
}

test("a value in one step is UTF-8 exactly where JavaScript reads it", () => {
  // Alone, behind others, and up to the last place before the quote.
  for (const length of [3, 4, 9, WIDTH - 1]) assert(compare(BYTES, 3, length) > 100);
  assert(compare(FEWER, 4, WIDTH - 1) > 100);
});

test("and so is a longer one", () => {
  for (const length of [WIDTH, WIDTH + 1, 2 * WIDTH, 50]) assert(compare(BYTES, 2, length) > 10);
});
