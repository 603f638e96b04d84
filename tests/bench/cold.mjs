// The whole job as a first call in a fresh process: time, loading included and starting Node not, and the memory that the
// process comes to need on top.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { summary, table } from "./measure.mjs";
import { BATCH_ROWS, PAYLOADS, PLAIN, request } from "./payload.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const SIDES = {
  postgate: here("../../target/npm/package/node.js"),
  "JS stack": here("generated/stack.mjs"),
  "strongest JavaScript": here("generated/peer.mjs"),
};
const FIRST = `
  import { readFileSync } from "node:fs";
  const [file, module, rows] = process.argv.slice(1);
  const bytes = new Uint8Array(readFileSync(file));
  // What the kernel tells of usage begins with what the parent had.
  const peak = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
  const before = peak();
  const began = performance.now();
  const { split } = await import(module);
  split(bytes, module.includes("package") ? { batchRows: Number(rows) } : Number(rows));
  console.log(JSON.stringify([performance.now() - began, peak() - before]));
`;

/** What a first call takes on each side: milliseconds, and mebibytes. */
export function first(payload, count, node = process.execPath) {
  const folder = mkdtempSync(join(tmpdir(), "postgate-bench-"));
  try {
    const file = join(folder, "request.json");
    writeFileSync(file, request(payload, PLAIN));
    const names = Object.keys(SIDES);
    const taken = Object.fromEntries(names.map((name) => [name, { times: [], memory: [] }]));
    for (let round = 0; round < Math.min(count, 15); round += 1) {
      for (const name of names) {
        const args = ["--input-type=module", "--eval", FIRST, file, SIDES[name], String(BATCH_ROWS)];
        const [time, memory] = JSON.parse(execFileSync(node, args, { encoding: "utf8" }));
        taken[name].times.push(time);
        taken[name].memory.push(memory);
      }
    }
    const of = (what) => Object.fromEntries(names.map((name) => [name, summary(taken[name][what])]));
    return { times: of("times"), memory: of("memory") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function run({ count }) {
  for (const payload of [PAYLOADS[1], PAYLOADS[3]]) {
    const { times, memory } = first(payload, count);
    table(`first call in a fresh process, ${payload.name}`, times);
    table(`memory that it takes on top, ${payload.name}`, memory, { unit: "MiB" });
  }
}
