// The sandbox posts what happens to a webhook, as CloudEvents: everything, in order, and again what was not taken.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after, beforeEach } from "node:test";

import { Sandbox, request } from "../sandbox.mjs";
import { shared } from "../setup.mjs";
import { eventually, sleep } from "../waiting.mjs";

/** What was posted, each with the status it was answered with. */
let calls = [];
/** Statuses to answer with; then 200. */
let answers = [];

const sandbox = await shared(Sandbox.start());
const consumer = createServer(async (call, answer) => {
  let body = "";
  for await (const piece of call.setEncoding("utf8")) body += piece;
  const status = answers.shift() ?? 200;
  calls.push({ status, type: call.headers["content-type"], events: JSON.parse(body) });
  answer.writeHead(status).end();
});
await new Promise((resolve) => consumer.listen(0, "127.0.0.1", resolve));
after(() => consumer.close());
beforeEach(async () => {
  await sandbox.call("DELETE", "/sandbox");
  [calls, answers] = [[], []];
  await sandbox.json("PUT", "/sandbox/webhook", { url: `http://127.0.0.1:${consumer.address().port}/events` });
});

function taken() {
  return calls.filter(({ status }) => status === 200).flatMap(({ events }) => events);
}

function kind({ type }) {
  return type.replace("com.twilio.comms-api.", "");
}

function completed(id) {
  const isEnd = (event) => kind(event) === "operation.completed" && event.data.operation_id === id;
  return eventually(() => taken().some(isEnd), () => `the end behind ${taken().length} events`);
}

test("every event of a send is posted once, in the documented form", async () => {
  const to = ["+14155550100", "+15005550004", "+15005553003"].map((address) => ({ address, channel: "PHONE" }));
  const id = await sandbox.send(request(1, { to, from: { address: "+15017122661", channel: "SMS" }, tags: { campaign: "a" } }));
  await completed(id);
  const events = taken();
  const of = (message) => events.filter(({ data }) => data.message_id === message).map(kind);
  const { messages } = await sandbox.json("GET", `/v1/Messages?operationId=${id}`);
  assert.deepEqual(messages.map((message) => of(message.id)), [
    ["message.queued", "message.sent", "message.delivered"],
    ["message.queued", "message.failed"],
    ["message.queued", "message.sent", "message.undelivered"],
  ]);
  assert.deepEqual([kind(events[0]), kind(events.at(-1)), events.length], ["operation.processing", "operation.completed", 10]);
  assert.equal(new Set(events.map((event) => event.id)).size, 10);
  for (const call of calls) assert.equal(call.type, "application/json");
  for (const event of events) {
    assert.deepEqual(Object.keys(event).toSorted(), ["data", "dataschema", "id", "source", "specversion", "time", "type"]);
    assert.equal(event.specversion, "1.0");
  }
  assert.deepEqual(events[0].data, { operation_id: id });
  const failed = events.find((event) => kind(event) === "message.failed").data;
  assert.deepEqual([failed.error_code, failed.attempt, failed.to.address, failed.tags], ["21610", "1", "+15005550004", { campaign: "a" }]);
  const seek = await sandbox.call("GET", `/v1/Messages/Seek/${failed.downstream_id}`);
  assert.equal(seek.headers.get("location"), `${sandbox.url}/v1/Messages/${failed.message_id}`);
});

test("what a consumer does not take is posted again, as it was", async () => {
  answers = [500, 301];
  await completed(await sandbox.send(request()));
  assert.deepEqual(calls.slice(0, 3).map(({ status }) => status), [500, 301, 200]);
  const ids = (call) => call.events.map(({ id }) => id);
  assert.deepEqual(ids(calls[1]).slice(0, ids(calls[0]).length), ids(calls[0]));
  assert.equal(new Set(taken().map(({ id }) => id)).size, taken().length);
});

test("ten thousand messages are told in bounded calls, and kill -9 loses no event", async () => {
  const id = await sandbox.send(request(10_000));
  await eventually(() => taken().length >= 2_000, "some of the events");
  await sandbox.kill();
  await sandbox.run();
  // Nobody has to ask for it: the alarm goes on by itself.
  await completed(id);
  assert.ok(calls.every(({ events }) => events.length <= 502));
  const counts = {};
  for (const [, event] of new Map(taken().map((event) => [event.id, event]))) counts[kind(event)] = (counts[kind(event)] ?? 0) + 1;
  const all = { "message.queued": 10_000, "message.sent": 10_000, "message.delivered": 10_000 };
  assert.deepEqual(counts, { "operation.processing": 1, "operation.completed": 1, ...all });
});

test("only a URL on this machine is a webhook, and it can be taken back", async () => {
  for (const url of ["https://example.com/", "http://example.com/", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "x"]) {
    assert.equal((await sandbox.call("PUT", "/sandbox/webhook", { url })).status, 400, url);
  }
  assert.equal((await sandbox.call("DELETE", "/sandbox/webhook")).status, 204);
  assert.deepEqual(await sandbox.json("GET", "/sandbox/webhook"), { url: null });
  await sandbox.until(await sandbox.send(request()));
  await sleep(500);
  assert.deepEqual(calls, []);
});
