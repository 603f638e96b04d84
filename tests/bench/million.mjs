// A million recipients through both passes, as a request and as a table: time, and the memory that the module comes to
// hold. Once each, as it takes seconds.

import { readFileSync } from "node:fs";

const PACKAGE = new URL("../../target/npm/package/", import.meta.url);
const ROWS = 1_000_000;
const PIECE = 1 << 20;
/** What the module may hold beside the head and the largest row. */
const ALLOWED = 32 * 2 ** 20;

const encoder = new TextEncoder();
const HEAD = {
  from: { address: "+15017122661", channel: "SMS" },
  content: { text: "Hi {{ firstName | default: 'you' }}, your code is {{ code }}." },
};

/** The pieces of a text that is made of its rows. */
function* pieces(before, row, after) {
  let open = before;
  for (let index = 0; index < ROWS; index += 1) {
    open += row(index);
    if (open.length >= PIECE) {
      yield encoder.encode(open);
      open = "";
    }
  }
  yield encoder.encode(open + after);
}

const number = (index) => `+1212${2_000_000 + index}`;
const code = (index) => 100_000 + (index % 900_000);

const SIDES = {
  "a request with Liquid": {
    mapping: undefined,
    pieces: () =>
      pieces(
        `${JSON.stringify(HEAD).slice(0, -1)},"to":[`,
        (index) =>
          `${index ? "," : ""}{"address":"${number(index)}","channel":"PHONE","variables":{"firstName":"Ada","code":"${code(index)}"}}`,
        "]}",
      ),
  },
  "the same as CSV": {
    mapping: "{}",
    pieces: () => pieces("phone,firstName,code\n", (index) => `${number(index)},Ada,${code(index)}\n`, ""),
  },
};

export async function run() {
  console.log(`\na million recipients, in pieces of ${PIECE >> 20} MiB through a fresh instance`);
  const answers = [];
  for (const [name, { mapping, pieces }] of Object.entries(SIDES)) {
    // Another address is another instance.
    const glue = await import(new URL(`glue.js?${encodeURIComponent(name)}`, PACKAGE));
    const { memory } = glue.initSync({ module: readFileSync(new URL("postgate.wasm", PACKAGE)) });
    const head = mapping === undefined ? new Uint8Array() : encoder.encode(JSON.stringify(HEAD));
    const checker = new glue.Checker("", true, mapping, head, undefined, []);
    let [took, bytes, again] = [0, 0, true];
    for (let pass = 1; again; pass += 1) {
      for (const piece of pieces()) {
        const began = performance.now();
        checker.push(piece);
        took += performance.now() - began;
        bytes += pass === 1 ? piece.length : 0;
      }
      const began = performance.now();
      again = checker.finish();
      took += performance.now() - began;
    }
    const { verdict, estimate } = JSON.parse(new TextDecoder().decode(checker.summary()));
    if (!verdict.ok || estimate.people !== ROWS) throw new Error(`${name}: ${JSON.stringify(verdict.counts)}`);
    answers.push(JSON.stringify(estimate));
    const held = memory.buffer.byteLength;
    const mib = (size) => `${(size / 2 ** 20).toFixed(1)} MiB`;
    const fits = held <= ALLOWED ? "reached" : "MISSED";
    console.log(`  ${name.padEnd(24)} ${mib(bytes)} in ${(took / 1000).toFixed(2)} s; memory ${mib(held)}, goal at most ${mib(ALLOWED)}: ${fits}`);
    checker.free();
  }
  if (new Set(answers).size !== 1) throw new Error("the request and its table come to different estimates");
}
