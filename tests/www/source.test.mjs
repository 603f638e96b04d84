// What is read of a table's source before it is judged.

import assert from "node:assert/strict";
import test from "node:test";

import { contents, encodingOf } from "../../www/source.js";

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

test("the encoding of a text is found out by its first letters that are not ASCII", () => {
  const ascii = "phone;name\r\n".repeat(50_000);
  const names = ["Jörg", "Änne", "naïve"];
  for (const [before, text, end] of [["", "", ""], [ascii, names[0], ascii], ["", names.join(), "\r\n"], ["", names.join().repeat(20_000), ""]]) {
    const written = `${before}${text}${end}`;
    assert.equal(encodingOf(Buffer.from(written)), "utf-8");
    assert.equal(encodingOf(Buffer.from(written, "latin1")), text === "" ? "utf-8" : "windows-1252");
  }
  // One byte that was broken on the way makes the others no less UTF-8, and one letter that is cut is none.
  assert.equal(encodingOf(Buffer.concat([Buffer.from("Jörg, Zoë"), Buffer.from([0xe4, 0x20])])), "utf-8");
  assert.equal(encodingOf(Buffer.from("Jörg").subarray(0, 2)), "utf-8");
  assert.equal(encodingOf(Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x00, 0xe4, 0xf6, 0xfc])), "utf-8");
});
