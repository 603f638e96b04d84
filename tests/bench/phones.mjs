// Phone numbers alone: 10,000 in one call of the module, and one a call.

import { readFileSync } from "node:fs";

import parsePhoneNumber from "libphonenumber-js/max";

import { each, rounds, same, table } from "./measure.mjs";
import { numbers } from "./payload.mjs";
import { isNumber } from "./plans.mjs";

const FOLDER = new URL("../../target/bench/", import.meta.url);
const { phone } = await import(new URL("../../target/npm/package/node.js", import.meta.url));
const bench = await import(new URL("postgate_bench.js", FOLDER));

export async function run({ count }) {
  bench.initSync({ module: readFileSync(new URL("postgate_bench_bg.wasm", FOLDER)) });
  for (const [name, everywhere] of [["one country", false], ["all regions", true]]) {
    const list = numbers(10_000, everywhere, 5);
    // Every tenth is no number, told by its last digit being gone twice; both sides must say the same.
    const mixed = list.map((number, place) => (place % 10 === 3 ? number.slice(0, -2) : number));
    const agreed = mixed.filter((number) => isNumber(number) === (parsePhoneNumber(number)?.isValid() ?? false));
    const bytes = new TextEncoder().encode(agreed.join("\n"));
    const valid = agreed.filter(isNumber).length;
    same("phones", valid, bench.assigned(bytes));
    same("phones", valid, agreed.filter((number) => phone(number).issues.every((issue) => issue.code !== "address/unassigned" && issue.severity !== "error")).length);
    const measured = await rounds(
      {
        "postgate: in a batch": () => bench.assigned(bytes),
        "libphonenumber-js max": () => agreed.filter((number) => parsePhoneNumber(number)?.isValid()),
        "the same table in JavaScript": () => agreed.filter(isNumber),
        "postgate: phone(), one a call, with a verdict": () => agreed.forEach((number) => phone(number)),
      },
      count,
    );
    const goals = { "libphonenumber-js max": 40 };
    const title = `phone numbers, ${name}: ${agreed.length}, of which ${valid} are assigned`;
    table(title, each(measured, agreed.length), { unit: "µs", goals });
  }
}
