// The sandbox sends at its senders' pace, on a clock that can be hurried, and shows where every message is meanwhile.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Sandbox, request } from "../sandbox.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";

const HOUR = 3_600_000;
const FROM = { address: "+15017122661", channel: "SMS" };

const sandbox = await shared(Sandbox.start());
beforeEach(() => sandbox.call("DELETE", "/sandbox"));

function clock(change) {
  return sandbox.json("POST", "/sandbox/clock", change);
}

function pace(pace) {
  return sandbox.json("PUT", "/sandbox/pace", pace);
}

async function stats(id) {
  return (await sandbox.operation(id)).stats;
}

function left(stats) {
  return stats.total - stats.queued - stats.scheduled;
}

test("a sender sends as many segments a second as it may, and others do not wait for it", async () => {
  await pace({ defaultMps: 1000, senders: { [FROM.address]: 2 } });
  await clock({ speed: 0 });
  const slow = await sandbox.send(request(100, { from: FROM }));
  const long = await sandbox.send(request(100, { from: FROM, content: { text: "x".repeat(161) } }));
  const other = await sandbox.send(request(100, { from: { ...FROM, address: "+15017122662" } }));
  // 100 segments at 2 a second, then 200; the other sender is through in a tenth of one.
  for (const [advance, ...expected] of [
    [9_900, 20, 0, 100],
    [40_000, 100, 0, 100],
    [1_000, 100, 1, 100],
    [98_000, 100, 99, 100],
    [2_000, 100, 100, 100],
  ]) {
    await clock({ advance });
    const seen = [];
    for (const id of [slow, long, other]) seen.push(left(await stats(id)));
    assert.deepEqual(seen, expected);
  }
  assert.equal((await sandbox.operation(long)).status, "COMPLETED");
});

test("rates are those of the senders' types where nothing else is set", async () => {
  await pace({});
  await clock({ speed: 0 });
  const rates = { "+15017122661": 1, "+18885550100": 3, 70707: 100, "+447700900100": 10, Postgate: 10 };
  const ids = {};
  for (const address of Object.keys(rates)) ids[address] = await sandbox.send(request(500, { from: { address, channel: "SMS" } }));
  await clock({ advance: 999 });
  for (const [address, rate] of Object.entries(rates)) assert.equal(left(await stats(ids[address])), rate, address);
});

test("what would wait more than ten hours fails with 30001, and the rest is sent", async () => {
  await pace({ senders: { [FROM.address]: 0.1 } });
  await clock({ speed: 0 });
  const first = await sandbox.send(request(3_000, { from: FROM }));
  const second = await sandbox.send(request(3_000, { from: FROM }));
  assert.equal((await stats(first)).failed, 0);
  // The first takes 30,000 seconds of 36,000; of the second, at one in ten seconds, the queue has room for 601.
  assert.equal((await stats(second)).failed, 2_399);
  const failed = await sandbox.json("GET", `/v1/Messages?operationId=${second}&status=FAILED&pageSize=1`);
  const message = await sandbox.json("GET", `/v1/Messages/${failed.messages[0].id}`);
  assert.equal(message.attempts[0].error.code, 30001);
  await clock({ advance: 10 * HOUR + 1_000 });
  const { delivered, failed: lost, queued } = await stats(second);
  assert.deepEqual([delivered, lost, queued], [601, 2_399, 0]);
});

test("counters and messages agree in the middle of a send", async () => {
  await pace({ senders: { [FROM.address]: 1 } });
  await clock({ speed: 0 });
  const numbers = ["+14155550100", "+15005550004", "+15005553003", "+15005551060", "nobody", "+14155550101"];
  const to = Array.from({ length: 60 }, (_, index) => ({ address: numbers[index % 6], channel: "PHONE" }));
  const id = await sandbox.send(request(1, { to, from: FROM }));
  for (const advance of [0, 7_150, 20_000, 35_000, 60_000]) {
    await clock({ advance });
    const counters = await stats(id);
    const counted = {};
    for (const { status } of await sandbox.list("/v1/Messages", "messages", { operationId: id })) {
      counted[status.toLowerCase()] = (counted[status.toLowerCase()] ?? 0) + 1;
    }
    for (const [status, count] of Object.entries(counted)) assert.equal(counters[status], count, `${status} at ${advance}`);
    assert.equal(Object.values(counted).reduce((sum, count) => sum + count), 60);
  }
  const { delivered, failed, undelivered, attempts } = await stats(id);
  assert.deepEqual([delivered, failed, undelivered, attempts], [30, 20, 10, 60]);
});

test("a schedule is kept to the moment, and is over after a jump", async () => {
  const { now } = await clock({ speed: 0 });
  const sendAt = new Date(Date.parse(now) + HOUR).toISOString();
  const id = await sandbox.send(request(3, { schedule: { sendAt: [sendAt] } }));
  assert.deepEqual([(await sandbox.operation(id)).status, (await stats(id)).scheduled], ["SCHEDULED", 3]);
  const { messages } = await sandbox.json("GET", `/v1/Messages?operationId=${id}`);
  assert.deepEqual([messages[0].status, messages[0].scheduledFor], ["SCHEDULED", sendAt]);
  await clock({ advance: HOUR - 1 });
  assert.equal((await sandbox.operation(id)).status, "SCHEDULED");
  await clock({ advance: 1 });
  assert.equal((await sandbox.operation(id)).status, "PROCESSING");
  await clock({ advance: 1_000 });
  assert.deepEqual([(await sandbox.operation(id)).status, (await stats(id)).delivered], ["COMPLETED", 3]);
});

test("a canceled operation sends nothing more", async () => {
  await pace({ senders: { [FROM.address]: 1 } });
  await clock({ speed: 0 });
  const id = await sandbox.send(request(10, { from: FROM }));
  await clock({ advance: 3_500 });
  const canceled = await sandbox.json("POST", `/sandbox/operations/${id}/cancel`);
  assert.deepEqual([canceled.status, canceled.stats.canceled, canceled.stats.delivered], ["CANCELED", 6, 4]);
  await clock({ advance: HOUR });
  assert.deepEqual((await stats(id)), canceled.stats);
  const { messages } = await sandbox.json("GET", `/v1/Messages?operationId=${id}&status=CANCELED`);
  assert.equal(messages.length, 6);
});

test("a speed makes hours of seconds, and holds over kill -9", async () => {
  await pace({ senders: { [FROM.address]: 1 } });
  await clock({ speed: 5_000 });
  const id = await sandbox.send(request(10_000, { from: FROM }));
  await sandbox.kill();
  await sandbox.run();
  assert.equal((await sandbox.json("GET", "/sandbox/clock")).speed, 5_000);
  assert.equal((await sandbox.until(id)).stats.delivered, 10_000);
});

test("a million recipients over many requests leave at the rate of their sender", async () => {
  await pace({ defaultMps: 1_000 });
  await clock({ speed: 0 });
  const body = JSON.stringify(request(10_000, { from: FROM }));
  const ids = [];
  for (let n = 0; n < 100; n += 1) ids.push(await sandbox.send(body));
  await clock({ advance: 555_555 });
  const operations = await sandbox.list("/v1/Messages/Operations", "operations", { pageSize: 100 });
  assert.equal(operations.reduce((sum, operation) => sum + left(operation.stats), 0), 555_556);
  assert.deepEqual(operations.map(({ id }) => id), ids.toReversed());
  await clock({ advance: 1_000_000 });
  for (const id of [ids[0], ids[99]]) assert.equal((await stats(id)).delivered, 10_000);
});

test("records are read for seven days", async () => {
  const id = await sandbox.send(request());
  await clock({ advance: 7 * 24 * HOUR - 60_000 });
  assert.equal((await sandbox.operation(id)).status, "COMPLETED");
  await clock({ advance: 60_000 });
  assert.equal((await sandbox.call("GET", `/v1/Messages/Operations/${id}`)).status, 404);
});

test("no more requests are answered at once than are set", async () => {
  await pace({ concurrency: 2 });
  await sandbox.unkind({ wait: 3_000, times: 2 });
  const slow = [sandbox.call("GET", "/v1/Messages"), sandbox.call("GET", "/v1/Messages")];
  const waiting = async () => (await sandbox.json("GET", "/sandbox/unkindness")).rules[0].used;
  await eventually(async () => (await waiting()) === 2, "both are there");
  const refused = await sandbox.call("GET", "/v1/Messages");
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  assert.deepEqual((await Promise.all(slow)).map(({ status }) => status), [200, 200]);
  assert.equal((await sandbox.call("GET", "/v1/Messages")).status, 200);
});

test("a clock and a pace that cannot be meant are refused", async () => {
  for (const [method, path, body] of [
    ["POST", "/sandbox/clock", { advance: -1 }],
    ["POST", "/sandbox/clock", { speed: "fast" }],
    ["PUT", "/sandbox/pace", { defaultMps: 0 }],
    ["PUT", "/sandbox/pace", { mps: 1 }],
  ]) {
    assert.equal((await sandbox.call(method, path, body)).status, 400, JSON.stringify(body));
  }
});
