// What is read of a table's source before it is judged.

import assert from "node:assert/strict";
import test from "node:test";

import { contents } from "../../www/source.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

test("the lines above a table are blanked, however lines end", async () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    for (const mark of ["", "\u{feff}"]) {
      const lines = [`${mark}Guests`, "", "phone,name", "+14155550100,Zoë"];
      const left = async (above) => decoder.decode(await contents({ text: lines.join(end), above }));
      assert.equal(await left(0), lines.join(end));
      assert.equal(await left(1), [`${mark}      `, ...lines.slice(1)].join(end));
      assert.equal(await left(2), [`${mark}      `, ...lines.slice(1)].join(end));
      assert.equal((await left(3)).trim(), lines[3]);
      assert.equal((await left(9)).trim(), "");
    }
  }
});
