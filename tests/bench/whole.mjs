// The whole job: judge, normalize, and split into bodies of 1,000 recipients. The text has no Liquid, so that all sides
// have the same to do; `summary` has the job with Liquid.

import { readFileSync } from "node:fs";

import { rounds, same, sides, table } from "./measure.mjs";
import { BATCH_ROWS, PAYLOADS, PLAIN, request } from "./payload.mjs";
import * as peer from "./peer.mjs";
import * as stack from "./stack.mjs";

const PACKAGE = new URL("../../target/npm/package/", import.meta.url);
const { checkBytes, split } = await import(new URL("node.js", PACKAGE));
const { spelled } = await import(new URL("options.js", PACKAGE));

const decoder = new TextDecoder();
const options = { batchRows: BATCH_ROWS };

/** How much memory an instance has come to hold that has done one thing only. */
async function memory(bytes) {
  const glue = await import(new URL("glue.js", PACKAGE));
  glue.__wbg_reset_state();
  const exports = glue.initSync({ module: readFileSync(new URL("postgate.wasm", PACKAGE)) });
  glue.split(bytes, spelled(options), []);
  return exports.memory.buffer.byteLength;
}

const SIDES = {
  postgate: "judges by the whole contract, also what no other side looks at (who is named twice, channels, limits), and splits",
  "JS stack": "TextDecoder, JSON.parse, Ajv (standalone, request.schema.json), libphonenumber-js max, JSON.stringify",
  "strongest JavaScript": "TextDecoder, JSON.parse, a validator by hand, the package's own table of numbers, JSON.stringify",
};

export async function run({ count }) {
  sides("The whole job: bytes of a request in, bodies of 1,000 recipients out. A plain text: nobody renders.", SIDES);
  for (const payload of PAYLOADS) {
    const bytes = request(payload, PLAIN);
    const ours = () => split(bytes, options);
    const { verdict, batches } = ours();
    if (!verdict.ok || batches.length !== 10) throw new Error(`${payload.name}: ${JSON.stringify(verdict.counts)}`);
    const bodies = batches.map((body) => JSON.parse(decoder.decode(body)));
    same(payload.name, bodies, stack.split(bytes, BATCH_ROWS).map((body) => JSON.parse(body)));
    same(payload.name, bodies, peer.split(bytes, BATCH_ROWS).map((body) => JSON.parse(body)));

    const text = decoder.decode(bytes);
    const parsed = JSON.parse(text);
    const normal = bodies.map(({ to, ...head }) => ({ ...head, to }));
    const measured = await rounds(
      {
        "postgate: split, bytes to bytes": ours,
        "postgate: check alone": () => checkBytes(bytes),
        "JSON.parse(decode(bytes)) alone": () => JSON.parse(decoder.decode(bytes)),
        "JS stack, to strings": () => stack.split(bytes, BATCH_ROWS),
        "JS stack, to bytes": () => stack.encoded(stack.split(bytes, BATCH_ROWS)),
        "strongest JavaScript, to strings": () => peer.split(bytes, BATCH_ROWS),
        "strongest JavaScript, to bytes": () => stack.encoded(peer.split(bytes, BATCH_ROWS)),
        "  stage: decode": () => decoder.decode(bytes),
        "  stage: JSON.parse": () => JSON.parse(text),
        "  stage: Ajv": () => stack.validated(parsed),
        "  stage: libphonenumber-js": () => parsed.to.forEach(({ address }) => stack.e164(address)),
        "  stage: the same table in JavaScript": () => parsed.to.forEach(({ address }) => peer.e164(address)),
        "  stage: copy the bytes in and the bodies out": () => [bytes, ...batches].map((part) => part.slice()),
        "  stage: stringify": () => normal.forEach((body) => JSON.stringify(body)),
      },
      count,
    );
    const goals = { "JSON.parse(decode(bytes)) alone": 1, "JS stack, to strings": 20 };
    table(`whole job, ${payload.name}: ${bytes.length} bytes, 10,000 recipients`, measured, { goals });
    const [held, allowed] = [await memory(bytes), 2.5 * bytes.length + 4 * 2 ** 20];
    const mib = (size) => `${(size / 2 ** 20).toFixed(1)} MiB`;
    console.log(`  memory of a fresh instance: ${mib(held)}, goal at most ${mib(allowed)}: ${held <= allowed ? "reached" : "MISSED"}`);
  }
}
