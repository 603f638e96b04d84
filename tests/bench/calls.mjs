// The package as its users call it, in this Node and in Chromium.

import { launch, serve } from "../chromium.mjs";
import { each, table } from "./measure.mjs";
import { measure } from "./jobs.mjs";

const ROOT = new URL("../../", import.meta.url);

/** Measures in this Node. */
export async function inNode(count) {
  return measure(await import(new URL("target/npm/package/node.js", ROOT)), count);
}

/** Measures in a page; also says which Chromium it was. */
export async function inPage(count) {
  // Isolated, a page has a clock that is fine enough.
  const headers = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
  const { server, address } = await serve(ROOT.pathname, headers);
  const browser = await launch("--js-flags=--expose-gc");
  try {
    const page = await browser.newPage();
    await page.goto(`${address}/tests/bench/page.html`);
    const measured = await page.evaluate(async (rounds) => {
      const { measure } = await import("/tests/bench/generated/page.mjs");
      const postgate = await import("/target/npm/package/index.js");
      await postgate.init();
      if (!crossOriginIsolated || globalThis.gc === undefined) throw new Error("the page measures too coarsely");
      return measure(postgate, rounds);
    }, count);
    return { version: browser.version(), measured };
  } finally {
    await browser.close();
    server.close();
  }
}

function print(where, measured) {
  console.log(`\nAs its users call it, in ${where}`);
  for (const { name, against, ours, theirs } of measured) {
    const sides = { postgate: ours, [against]: theirs };
    const title = name.replaceAll("`", "");
    if (ours.median < 1) table(title, each(sides, 1), { unit: "µs" });
    else table(title, sides);
  }
}

export async function run({ count }) {
  print("Node", await inNode(count));
  const { version, measured } = await inPage(count);
  print(`Chromium ${version}`, measured);
}
