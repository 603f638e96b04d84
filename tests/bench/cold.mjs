// A first call in a fresh process: loading included, starting Node not.

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
  const began = performance.now();
  const { split } = await import(module);
  split(bytes, module.includes("package") ? { batchRows: Number(rows) } : Number(rows));
  console.log(performance.now() - began);
`;

export function run({ count }) {
  const folder = mkdtempSync(join(tmpdir(), "postgate-bench-"));
  try {
    const file = join(folder, "request.json");
    writeFileSync(file, request(PAYLOADS[1], PLAIN));
    const times = Object.fromEntries(Object.keys(SIDES).map((name) => [name, []]));
    for (let round = 0; round < Math.min(count, 15); round += 1) {
      for (const [name, module] of Object.entries(SIDES)) {
        const args = ["--input-type=module", "--eval", FIRST, file, module, String(BATCH_ROWS)];
        times[name].push(Number(execFileSync(process.execPath, args, { encoding: "utf8" })));
      }
    }
    const measured = Object.fromEntries(Object.entries(times).map(([name, list]) => [name, summary(list)]));
    table(`first call in a fresh process, ${PAYLOADS[1].name}`, measured);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
