// What the edge refuses before or while it reads, and that the next request is always served.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import test, { afterEach } from "node:test";

import { Gate, sample } from "../gate.mjs";
import { shared } from "../setup.mjs";

const PLAIN = JSON.stringify({ to: [{ address: "+14155550100", channel: "PHONE" }], content: { text: "Hello" } });
/** The most the edge holds in memory, as its README says. */
const MOST = 10_000_000;

const { edge, sandbox } = await shared(Gate.start());

afterEach(async () => {
  const answer = await edge.post(PLAIN, { path: "/v1/Messages/DryRun" });
  assert.equal(answer.status, 200, "the next request is served");
});

async function refused(answer, status, code) {
  assert.equal(answer.status, status);
  assert.match(answer.headers.get("content-type"), /^application\/json/);
  const { errors } = await answer.json();
  assert.equal(errors[0].code, code);
  assert.ok(errors[0].message.length > 10);
  return errors[0];
}

test("no key, a wrong key, and half a key are 401 before the body is read", async () => {
  const keys = [undefined, "Basic " + btoa("dev:wrong"), "Basic " + btoa("dev"), "Basic ???", "Bearer dev"];
  for (const authorization of keys) {
    const key = authorization ? { authorization } : {};
    for (const path of ["/v1/Messages", "/v1/Messages/DryRun"]) {
      await refused(await edge.call("POST", path, "{", { key }), 401, 20003);
    }
    await refused(await edge.call("GET", "/v1/Messages/Operations/x", undefined, { key }), 401, 20003);
  }
});

test("a page's fetch gets no password dialog, a program gets the challenge", async () => {
  // fetch says itself that it is one.
  const asked = (...fields) => edge.raw("GET", "/v1/Messages/Operations/x", ["Connection: close", ...fields], {}).answer();
  const [program, page] = [await asked(), await asked("Sec-Fetch-Mode: cors")];
  for (const answer of [program, page]) assert.match(answer, /^HTTP\/1\.1 401/);
  assert.match(program, /\r\nwww-authenticate: basic/i);
  assert.doesNotMatch(page, /www-authenticate/i);
});

test("unknown paths are 404, known ones with another method 405 with what is allowed", async () => {
  await refused(await edge.call("GET", "/v1/Nothing"), 404, 20404);
  const answer = await edge.call("GET", "/v1/Messages/DryRun");
  assert.equal(answer.headers.get("allow"), "POST");
  await refused(answer, 405, 20004);
});

test("HEAD is GET without its body, and OPTIONS says what there is", async () => {
  const id = (await edge.post(PLAIN)).headers.get("operationId");
  await edge.until(id);
  for (const path of ["/health", "/issues", "/v1/Senders", `/v1/Messages/Operations/${id}`, "/v1/Messages/Operations/x"]) {
    const [head, whole] = await Promise.all(["HEAD", "GET"].map((method) => edge.call(method, path)));
    assert.deepEqual([head.status, await head.text()], [whole.status, ""], path);
    for (const name of ["content-type", "cache-control", "refused-by"]) assert.equal(head.headers.get(name), whole.headers.get(name), `${path} ${name}`);
    await whole.arrayBuffer();
  }
  for (const [path, allow] of [["/v1/Messages", "POST, GET, HEAD"], ["/v1/Messages/DryRun", "POST"], ["/health", "GET, HEAD"]]) {
    const answer = await edge.call("OPTIONS", path, undefined, { key: {} });
    assert.deepEqual([answer.status, answer.headers.get("allow")], [204, allow]);
  }
  await refused(await edge.call("OPTIONS", "/v1/Nothing", undefined, { key: {} }), 404, 20404);
});

test("a mistake is answered as the README shows it", async () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const shown = /^```json\n(.*?)^```/ms.exec(readme)[1].replaceAll("http://127.0.0.1:8787", new URL(edge.url).origin);
  const answer = await edge.post(String(await sample(25_000)).replace("+919957729262", "919957729262"));
  assert.equal(answer.status, 400);
  assert.deepEqual(await answer.json(), JSON.parse(shown));
});

test("another content type is 415", async () => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"]) {
    const answer = await edge.post(PLAIN, { headers: { "content-type": type } });
    assert.equal(answer.status, 415, type);
    assert.match((await answer.json()).errors[0].message, /Content-Type: application\/json/);
  }
  assert.equal((await edge.post(PLAIN, { headers: { "content-type": "application/json; charset=utf-8" } })).status, 202);
});

test("an unknown option or value is a 400 that names it", async () => {
  for (const [query, word] of [["limit=request", "limit"], ["limits=none", "limits"], ["now=tomorrow", "now"], ["preview=0", "preview"], ["mps=5", "mps"]]) {
    const answer = await edge.post(PLAIN, { path: `/v1/Messages?${query}` });
    assert.equal(answer.status, 400, query);
    assert.match((await answer.json()).errors[0].message, new RegExp(word));
  }
});

test("problem details are given to those who ask for them", async () => {
  const answer = await edge.post("{}", { headers: { accept: "application/problem+json" } });
  assert.equal(answer.status, 400);
  assert.match(answer.headers.get("content-type"), /^application\/problem\+json/);
  const problem = await answer.json();
  assert.equal(problem.status, 400);
  assert.ok(problem.title);
  assert.equal(problem.errors.length, 2);
});

test("a body over the limit is 413 by its announced length, and at the first byte over it", async () => {
  const path = "/v1/Messages?limits=request";
  await refused(await edge.post(Buffer.alloc(MOST + 1, " "), { path }), 413, 20413);
  const piece = Buffer.alloc(1_000_000, " ");
  async function* stream(bytes) {
    for (; bytes > 0; bytes -= piece.length) yield piece.subarray(0, Math.min(bytes, piece.length));
  }
  await refused(await edge.post(ReadableStream.from(stream(MOST + 1)), { path }), 413, 20413);
  const under = await edge.post(ReadableStream.from(stream(MOST)), { path });
  await refused(under, 400, 70002);
});

test("what is no request is a 400 that says where", async () => {
  const whole = await sample(1_000);
  const half = whole.subarray(0, whole.length / 2);
  const bodies = [
    ["100 random bytes", randomBytes(100), 0],
    ["truncated in the middle", half, half.length],
    ["nested 100,000 deep", "[".repeat(100_000), 0],
    ["nested 100,000 deep inside", '{"to":' + "[".repeat(100_000), 6 + 999],
    ["empty", "", 0],
  ];
  for (const [name, body, offset] of bodies) {
    const answer = await edge.post(body);
    assert.equal(answer.status, 400, name);
    const { issue } = (await answer.json()).errors[0];
    if (name !== "100 random bytes") assert.equal(issue.offset, offset, name);
    assert.equal(typeof issue.at, "string", name);
  }
  assert.deepEqual((await sandbox.received()).length, 2, "only what was taken above went out");
});

test("a panic spoils one request, not the next", async () => {
  for (let round = 0; round < 3; round += 1) {
    const answer = await edge.call("POST", "/development/panic");
    assert.ok(answer.status >= 500, `a panic answers ${answer.status}`);
    assert.equal((await edge.post(PLAIN, { path: "/v1/Messages/DryRun" })).status, 200);
  }
  const id = (await edge.post(PLAIN)).headers.get("operationId");
  assert.equal((await edge.until(id)).stats.delivered, 1);
});

test("every code has its section on the page that infoUrl leads to", async () => {
  const page = await (await fetch(`${edge.url}/issues`)).text();
  for (const code of ["address/not-e164", "request/truncated", "tags/key-too-long"]) {
    assert.ok(page.includes(`id="${code}"`), code);
  }
});

test("API answers carry the headers that keep them private", async () => {
  const answer = await edge.post(PLAIN, { path: "/v1/Messages/DryRun" });
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.match(answer.headers.get("cache-control"), /no-store/);
});
