// Runs the sections that are named, or all, and says on what.

import { cpus } from "node:os";
import { parseArgs } from "node:util";

const SECTIONS = ["whole", "cold", "phones", "templates", "segments", "summary", "calls", "million"];

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "30" } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !SECTIONS.includes(name));
const count = Number(values.rounds);
if (unknown || !Number.isInteger(count) || count < 3) {
  console.error(`usage: bench [--rounds N, at least 3] [${SECTIONS.join("|")}]...`);
  process.exit(2);
}
console.log(`\nNode ${process.versions.node}, V8 ${process.versions.v8}; ${cpus()[0]?.model}, ${cpus().length} cores; ${count} rounds`);
console.log("median [least–most], and its ratio to the first line's");
for (const name of positionals.length ? positionals : SECTIONS) {
  const { run } = await import(`./${name}.mjs`);
  await run({ count });
}
