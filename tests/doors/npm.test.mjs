// The npm door: every case through the packed package, what its functions share, and how it is loaded.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { folder, postgate, tarball } from "./installed.mjs";
import { cases, given, others, report, sameAnswer, sha256 } from "./suite.mjs";

test("every case through the package", () => {
  let count = 0;
  for (const entry of cases) {
    sameAnswer(postgate.checkBytes(entry.input, entry.options), entry);
    const { verdict, batches } = postgate.split(entry.input, entry.options);
    assert.deepEqual(verdict, JSON.parse(entry.verdict), entry.name);
    assert.deepEqual(batches.map(sha256), entry.batches, entry.name);
    count += 1;
  }
  for (const entry of others) {
    // The package gives an object: its members in the order of the native door's, which is what writing them shows.
    const result = postgate[entry.do](...given(entry));
    assert.equal(JSON.stringify(result), JSON.stringify(JSON.parse(entry.answer)), entry.name);
    count += 1;
  }
  report("npm", count);
});

test("bytes, text and object get the same verdict", () => {
  const request = { to: [{ address: "whatsapp:+14155550100", channel: "whatsapp" }], content: { text: "Zoë 🎉" } };
  const text = JSON.stringify(request);
  const verdict = postgate.check(request);
  assert.equal(verdict.ok, true);
  assert.deepEqual(postgate.check(text), verdict);
  assert.deepEqual(postgate.check(new TextEncoder().encode(text)), verdict);
});

test("a preview is that of the summary, and null where there is nobody", () => {
  const request = {
    to: [{ address: "+14155550100", channel: "PHONE" }],
    from: { address: "+15017122661", channel: "SMS" },
    content: { text: "Zoë 🎉" },
  };
  const options = { prices: { currency: "USD", sms: { US: 0.0079 } }, mps: 0.5 };
  const { verdict, estimate, previews } = postgate.summarize(request, { ...options, preview: [0, 1] });
  assert.deepEqual(verdict, postgate.check(request, options));
  assert.deepEqual(estimate.cost, { currency: "USD", min: "0.0079", max: "0.0079", unpriced: 0 });
  assert.deepEqual(estimate.seconds, { min: 2, max: 2 });
  assert.deepEqual(previews, [postgate.preview(request, 0)]);
  assert.deepEqual(previews[0].channels[0].segments, postgate.segments("Zoë 🎉"));
  assert.equal(postgate.preview(request, 1), null);
  assert.equal(postgate.preview("{", 0), null);

  const checker = new postgate.Checker({ summary: true, ...options });
  let again = true;
  while (again) {
    checker.push(new TextEncoder().encode(JSON.stringify(request)));
    ({ again } = checker.finish());
  }
  assert.deepEqual([checker.verdict, checker.estimate, checker.previews], [verdict, estimate, []]);
});

test("normalizing is splitting into one, and nothing where the verdict is not ok", () => {
  const to = Array.from({ length: 20_000 }, (_, row) => ({ address: `+1 (415) ${2_000_000 + row}`, channel: "phone" }));
  const request = { to: to.slice(0, 9_000), content: { text: "Hi" } };
  const once = postgate.normalize(request);
  assert.deepEqual(Buffer.from(once), Buffer.from(postgate.split(request).batches[0]));
  assert.deepEqual(postgate.normalize(once), once, "a second time changes nothing");
  const large = JSON.parse(Buffer.from(postgate.normalize({ ...request, to })));
  assert.equal(large.to.length, 20_000);
  assert.deepEqual(large.to[19_999], { address: "+14152019999", channel: "PHONE" });
  assert.equal(postgate.normalize({ ...request, to: [{ address: "+1", channel: "PHONE" }] }), null);
});

test("rows that are copied from the request come as those that are read, however they are written and cut", () => {
  // A row at a time: as it came; with a number to be written anew; larger than what the module reads at a time.
  const plain = (row) => `{"address":"+1415${2_000_000 + row}","channel":"PHONE"}`;
  const edited = (row) => `{"address":"+1 415 ${2_000_000 + row}","channel":"PHONE","variables":{"a":"é"}}`;
  const large = (row) => edited(row).replace("é", "x".repeat(300_000));
  const whole = (rows) => `{"content":{"text":"Hi"},"to":[${rows}],"tags":{"a":"b"}}`;
  const kinds = { plain: [plain], edited: [edited], both: [plain, plain, edited, plain, edited, edited, plain], large: [plain, large] };
  for (const [name, makes] of Object.entries(kinds)) {
    for (const between of [",", " ,\n"]) {
      const rows = Array.from({ length: 40 }, (_, row) => makes[row % makes.length](row));
      const text = `{"content":{"text":"Hi"},"to":[${rows.join(between)} ],"tags":{"a":"b"}}`;
      const expected = rows.map((row) => row.replace("+1 415 ", "+1415"));
      for (const batchRows of [1, 7, 40]) {
        const options = { batchRows };
        const { verdict, batches } = postgate.split(text, options);
        const bodies = [];
        for (let row = 0; row < 40; row += batchRows) bodies.push(expected.slice(row, row + batchRows).join());
        const texts = batches.map((body) => Buffer.from(body).toString());
        assert.deepEqual(texts, bodies.map(whole), `${name}, ${batchRows}`);
        assert.deepEqual(verdict.totals.batches.map(({ bytes }) => bytes), batches.map((body) => body.length));
      }
      assert.equal(Buffer.from(postgate.normalize(text)).toString(), whole(expected), name);
    }
  }
});

test("every code has a sentence, and it takes the issue's params", () => {
  const [issue] = postgate.check({ content: { text: "hi" } }).issues;
  assert.equal(postgate.sentence(issue), "The field to is missing.");
  for (const entry of [...cases, ...others]) {
    for (const issue of JSON.parse(entry.answer).issues ?? JSON.parse(entry.answer).verdict?.issues ?? []) {
      assert.doesNotMatch(postgate.sentence(issue), /\{\w+\}|undefined/, `${entry.name}: ${issue.code}`);
      assert.doesNotMatch(postgate.sentence(issue), /\b1 [a-z]+s\b/, `${entry.name}: one of several`);
    }
  }
});

test("what is no module is not loaded, and the next try may be", () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { check, init, initSync, PostgateError } from "postgate/slim";
    const codes = [];
    const told = async (call) => {
      try {
        await call();
        codes.push("none");
      } catch (error) {
        codes.push(error instanceof PostgateError && error.code + (error.cause ? " with its cause" : ""));
      }
    };
    const html = () => new Response("<html>", { headers: { "content-type": "application/wasm" } });
    for (const wrong of [undefined, null, 5, "x", {}, new Uint8Array(5)]) await told(() => initSync(wrong));
    for (const wrong of [null, 5, "nowhere.wasm", {}, new Uint8Array(5), html()]) await told(() => init(wrong));
    await told(() => init(readFileSync("node_modules/postgate/postgate.wasm")));
    console.log(JSON.stringify([codes, check("{}").ok]));`;
  writeFileSync(join(folder, "load.mjs"), program);
  const printed = execFileSync(process.execPath, ["load.mjs"], { cwd: folder, encoding: "utf8" });
  const [wrong, failed] = ["invalid-input with its cause", "not-initialized with its cause"];
  assert.deepEqual(JSON.parse(printed), [[...Array(6).fill(wrong), ...Array(6).fill(failed), "none"], false]);
});

test("a trap spoils nothing behind it", () => {
  // With little memory the module traps for real; the flag has to stand before the module is loaded.
  const program = `
    import assert from "node:assert/strict";
    import v8 from "node:v8";
    v8.setFlagsFromString("--wasm-max-mem-pages=160");
    const { check, checkBytes } = await import("postgate");
    const small = JSON.stringify({ to: [{ address: "+1", channel: "PHONE" }], content: { text: "hi" } });
    const before = checkBytes(small);
    let traps = 0;
    for (let length = 3_000_000; length < 3_100_000; length += 10_000) {
      try {
        check(JSON.stringify({ content: { text: "x".repeat(length) } }));
      } catch (error) {
        assert.equal(error.code, "trap");
        assert.ok(error.cause instanceof WebAssembly.RuntimeError);
        traps += 1;
      }
      assert.deepEqual(checkBytes(small), before);
    }
    console.log(traps);`;
  writeFileSync(join(folder, "trap.mjs"), program);
  const traps = Number(execFileSync(process.execPath, ["trap.mjs"], { cwd: folder, encoding: "utf8" }));
  assert.ok(traps > 0, "nothing trapped, so nothing was shown");
});

test("the tarball holds one module, its contract and its licence", () => {
  const files = readdirSync(join(folder, "node_modules/postgate"));
  assert.equal(files.filter((name) => name.endsWith(".wasm")).length, 1);
  for (const name of ["types.d.ts", "README.md", "LICENSE", "CHANGELOG.md"]) assert.ok(files.includes(name), name);
  const manifest = JSON.parse(readFileSync(join(folder, "node_modules/postgate/package.json")));
  assert.match(tarball, new RegExp(`^postgate-${manifest.version}\\.tgz$`));
  assert.notEqual(manifest.version, "0.0.0");
});
