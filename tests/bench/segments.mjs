// Segments alone: 10,000 texts in one call of the module, and one a call of the package.

import { readFileSync } from "node:fs";

import { SegmentedMessage } from "sms-segments-calculator";

import { each, rounds, same, table } from "./measure.mjs";
import { random } from "./payload.mjs";
import * as peer from "./peer.mjs";

const FOLDER = new URL("../../target/bench/", import.meta.url);
const { segments } = await import(new URL("../../target/npm/package/node.js", import.meta.url));
const bench = await import(new URL("postgate_bench.js", FOLDER));

const SORTS = {
  "one segment of GSM-7": () => "Your order is on its way. Track it here:",
  "two segments, with signs that take two septets": () => `${"Your cart [3 items] is waiting: 20 € off ends at midnight. ".repeat(3)}Shop:`,
  "UCS-2, with emoji that no cut may halve": () => `${"Güle güle 🎉 siparişiniz yolda… ".repeat(4)}Takip:`,
};

/** Texts of a sort, each with an end of its own. */
function texts(sort, count) {
  const next = random(6);
  return Array.from({ length: count }, () => `${sort()} https://example.com/o/${Math.floor(next() * 1e9).toString(36)}`);
}

export async function run({ count }) {
  bench.initSync({ module: readFileSync(new URL("postgate_bench_bg.wasm", FOLDER)) });
  for (const [name, sort] of Object.entries(SORTS)) {
    const all = texts(sort, 10_000);
    const joined = all.join("\0");
    const batch = [...bench.segments(joined)];
    same(name, batch, all.map((text) => new SegmentedMessage(text).segmentsCount));
    same(name, batch, all.map(peer.segments));
    same(name, batch, all.map((text) => segments(text).segments.min));
    const measured = await rounds(
      {
        "postgate: in a batch": () => bench.segments(joined),
        "strongest JavaScript": () => all.map(peer.segments),
        "postgate: segments(), one a call, with all it tells": () => all.forEach((text) => segments(text)),
      },
      count,
    );
    // The calculator takes so long that a tenth of the texts has to do.
    const few = all.slice(0, 1_000);
    const calculator = await rounds({ it: () => few.forEach((text) => new SegmentedMessage(text).segmentsCount) }, Math.min(count, 5));
    const { "postgate: in a batch": ours, ...others } = each(measured, all.length);
    const shown = { "postgate: in a batch": ours, "sms-segments-calculator": each(calculator, few.length).it, ...others };
    table(`segments, ${name}: ${all.length} texts`, shown, { unit: "µs", goals: { "sms-segments-calculator": 300 } });
  }
}
