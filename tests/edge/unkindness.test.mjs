// The sandbox goes wrong exactly as it is told to, and keeps the rules and their counts over a crash.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Sandbox, request } from "../sandbox.mjs";
import { shared } from "../setup.mjs";
import { eventually, sleep } from "../waiting.mjs";

const SEND = { method: "POST", path: "/v1/Messages" };

const sandbox = await shared(Sandbox.start());
beforeEach(() => sandbox.call("DELETE", "/sandbox"));

function post(options) {
  return sandbox.call("POST", "/v1/Messages", request(), options);
}

async function rules() {
  return (await sandbox.json("GET", "/sandbox/unkindness")).rules;
}

test("a rule is for the requests it says, and is spent", async () => {
  await sandbox.unkind({ ...SEND, skip: 1, times: 2, answer: 503 });
  const statuses = [];
  for (let n = 0; n < 5; n += 1) statuses.push((await post()).status);
  assert.deepEqual(statuses, [202, 503, 503, 202, 202]);
  assert.equal((await sandbox.call("GET", "/v1/Messages")).status, 200);
  assert.deepEqual(await rules(), [{ ...SEND, skip: 1, times: 2, answer: 503, seen: 5, used: 2 }]);
  assert.equal((await sandbox.received()).length, 3);
  assert.equal((await sandbox.call("DELETE", "/sandbox/unkindness")).status, 204);
  assert.deepEqual(await rules(), []);
});

test("429 comes with Retry-After or without", async () => {
  await sandbox.unkind({ answer: 429, retryAfter: "2" }, { answer: 429 });
  const [first, second] = [await post(), await post()];
  assert.deepEqual([first.status, first.headers.get("retry-after")], [429, "2"]);
  assert.deepEqual([second.status, second.headers.get("retry-after")], [429, null]);
  assert.equal((await second.json()).errors[0].code, 20429);
  assert.deepEqual(await sandbox.received(), []);
});

test("5xx before accepting keeps nothing, after accepting keeps all", async () => {
  await sandbox.unkind({ ...SEND, answer: 500 }, { ...SEND, answer: 503, accept: true });
  assert.equal((await post()).status, 500);
  assert.deepEqual(await sandbox.received(), []);
  assert.equal((await post()).status, 503);
  const [kept] = await sandbox.received();
  assert.equal(kept.status, 503);
  assert.equal((await sandbox.until(kept.operationId)).stats.delivered, 1);
});

test("a cut connection is one to the client, and the send was accepted", async () => {
  await sandbox.unkind({ ...SEND, answer: "cut", accept: true });
  const answer = await post();
  assert.equal(answer.headers.get("operationId"), null);
  await assert.rejects(answer.text());
  const [kept] = await sandbox.received();
  assert.equal(kept.status, "cut");
});

test("silence lasts, and others are answered meanwhile", async () => {
  await sandbox.unkind({ ...SEND, answer: "silence", accept: true });
  const client = new AbortController();
  const silent = post({ signal: client.signal });
  await eventually(async () => (await sandbox.received())[0]?.status === "silence", "it is taken");
  assert.equal((await post()).status, 202);
  assert.equal(await Promise.race([silent, sleep(1_000)]), undefined);
  client.abort();
  await assert.rejects(silent, { name: "AbortError" });
});

test("a wait delays the answer", async () => {
  await sandbox.unkind({ ...SEND, wait: 700 });
  const start = performance.now();
  assert.equal((await post()).status, 202);
  assert.ok(performance.now() - start >= 700);
});

test("a 202 without an id names the operation nowhere", async () => {
  await sandbox.unkind({ ...SEND, answer: "no-id", accept: true });
  const answer = await post();
  assert.equal(answer.status, 202);
  assert.equal(await answer.text(), "");
  for (const name of ["operationId", "operation-id", "operation-location"]) assert.equal(answer.headers.get(name), null);
  assert.equal((await sandbox.received()).length, 1);
});

test("301, 401, 403 and a page of HTML", async () => {
  const away = `${sandbox.url}/elsewhere`;
  await sandbox.unkind({ answer: 301, location: away }, { answer: 401 }, { answer: 403 }, { answer: 200, html: true });
  const moved = await post();
  assert.deepEqual([moved.status, moved.headers.get("location")], [301, away]);
  assert.equal((await post()).status, 401);
  assert.equal((await post()).status, 403);
  const page = await post();
  assert.match(page.headers.get("content-type"), /^text\/html/);
  assert.match(await page.text(), /^<!doctype html>/);
  assert.deepEqual(await sandbox.received(), []);
});

test("messages lie still after the 202 as long as is said", async () => {
  await sandbox.unkind({ ...SEND, hold: 1_500 });
  await sandbox.json("POST", "/sandbox/clock", { speed: 0 });
  const id = await sandbox.send(request());
  await sandbox.json("POST", "/sandbox/clock", { advance: 1_499 });
  assert.equal((await sandbox.operation(id)).stats.queued, 1);
  await sandbox.json("POST", "/sandbox/clock", { advance: 60_000 });
  assert.equal((await sandbox.operation(id)).stats.delivered, 1);
});

test("the tags of a list are passed over", async () => {
  await sandbox.send(request(1, { tags: { campaign: "a" } }));
  await sandbox.unkind({ method: "GET", path: "/v1/Messages", ignoreTags: true });
  const list = async () => (await sandbox.json("GET", "/v1/Messages?tags=campaign:b;")).messages.length;
  assert.equal(await list(), 1);
  assert.equal(await list(), 0);
});

test("what is forgotten early is gone from the API, but not from the test door", async () => {
  await sandbox.unkind({ ...SEND, forget: 0 });
  const id = await sandbox.send(request(1, { tags: { campaign: "a" } }));
  assert.equal((await sandbox.call("GET", `/v1/Messages/Operations/${id}`)).status, 404);
  assert.deepEqual((await sandbox.json("GET", "/v1/Messages")).messages, []);
  assert.deepEqual((await sandbox.json("GET", "/v1/Messages/Operations")).operations, []);
  assert.equal((await sandbox.received())[0].operationId, id);
});

test("rules and their counts outlive kill -9", async () => {
  await sandbox.unkind({ ...SEND, skip: 1, times: 2, answer: 503 });
  assert.equal((await post()).status, 202);
  assert.equal((await post()).status, 503);
  await sandbox.kill();
  await sandbox.run();
  assert.deepEqual((await rules()).map(({ seen, used }) => [seen, used]), [[2, 1]]);
  assert.equal((await post()).status, 503);
  assert.equal((await post()).status, 202);
});

test("rules that cannot be meant are refused whole, by place", async () => {
  const refused = await sandbox.call("POST", "/sandbox/unkindness", { rules: [{ answer: 500 }, { answer: 99 }] });
  assert.equal(refused.status, 400);
  assert.equal((await refused.json()).errors[0].context, "$.rules[1].answer");
  assert.deepEqual(await rules(), []);
});
