// Prints the table of the package's README in Markdown: how many times as fast the package is as the libraries it stands
// instead of, in the Nodes that are named and in Chromium; then the memory.

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

import { inPage } from "./calls.mjs";
import { first } from "./cold.mjs";
import { PAYLOADS } from "./payload.mjs";

const { values, positionals: nodes } = parseArgs({
  options: { rounds: { type: "string", default: "30" } },
  allowPositionals: true,
});
const count = Number(values.rounds);
if (!Number.isInteger(count) || count < 3) {
  console.error("usage: bench --table [--rounds N, at least 3]");
  process.exit(2);
}

const CALLS = new URL("calls.mjs", import.meta.url).href;
const PROGRAM = `const { inNode } = await import("${CALLS}");
console.log(JSON.stringify({ version: process.versions.node, measured: await inNode(${count}) }));`;

const inNodes = nodes.map((node) => {
  const words = ["--expose-gc", "--input-type=module", "--eval", PROGRAM];
  return { node, ...JSON.parse(execFileSync(node, words, { encoding: "utf8", maxBuffer: 1 << 24 })) };
});
const page = await inPage(count);
const memory = inNodes.map(({ node }) => first(PAYLOADS[3], count, node).memory);

const times = (ratio) => `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)}×`;
const columns = [...inNodes, page];
const heads = [...inNodes.map(({ version }) => `Node ${version}`), `Chromium ${page.version}`];
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);

row(["call", "instead of", ...heads]);
row(["---", "---", ...heads.map(() => "---:")]);
page.measured.forEach(({ name, against }, at) => {
  const ratios = columns.map(({ measured }) => measured[at].theirs.median / measured[at].ours.median);
  row([name, against, ...ratios.map(times)]);
});
const needed = memory.map((sides) => sides["JS stack"].median / sides.postgate.median);
row(["memory for `split`, 9.3 MB in a fresh process", "the same libraries", ...needed.map(times), ""]);
console.log(`\nTimes as fast, or as little memory, as medians of ${count} interleaved rounds; ${cpus()[0]?.model}, ${cpus().length} cores.`);
