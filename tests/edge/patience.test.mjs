// How long the edge waits, on a clock that runs fast: for a body that does not come on, and for an upstream that does not
// answer; and what others are told meanwhile.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Edge } from "../edge.mjs";
import { Sandbox } from "../sandbox.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";

const SEND = { method: "POST", path: "/v1/Messages" };
const HEAD = '],"from":{"address":"+15017122661","channel":"SMS"},"content":{"text":"Hello"}}';
/** What a request may have in memory, and a length beyond that. */
const [HELD, LARGE] = [10_000_000, 12_000_000];
/** How much faster the edge's clock runs than this machine's. */
const SPEED = 6;
/** How long a body may pause, and an upstream take, as the edge's README says; with room for a busy machine. */
const [STALL, ANSWER, ROOM] = [60_000 / SPEED, 120_000 / SPEED, 30_000];

const sandbox = await shared(Sandbox.start());
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1` } }));
await edge.clock({ speed: SPEED });

let next = 0;
/** A request of so many bytes or a few more, whose recipients no other has; its rows, and its body. */
function request(bytes = 0) {
  const rows = [];
  for (let length = 0; rows.length === 0 || length < bytes; length += rows.at(-1).length + 1) {
    const x = bytes > 0 ? { variables: { x: "x".repeat(1_000) } } : {};
    rows.push(JSON.stringify({ address: `+1415${String(2_000_000 + next++)}`, channel: "PHONE", ...x }));
  }
  return { rows, body: `{"to":[${rows.join(",")}${HEAD}` };
}

function post(body, { path, ...headers } = {}) {
  return edge.post(body, { path, headers });
}

function until(id, done, patience = ANSWER + 2 * ROOM) {
  return edge.until(id, done, patience);
}

/** How often the sandbox has the recipients of a request: each number once. */
async function times({ rows }) {
  return [...new Set(await sandbox.times(rows.map((row) => JSON.parse(row))))];
}

/** Announces a body and sends only its beginning: the answer, once it comes, and after how long. */
async function stall(length, beginning, ...fields) {
  const began = Date.now();
  const text = await edge.begin("POST", "/v1/Messages", { length, fields }, beginning).answer(undefined, STALL + 2 * ROOM);
  const [head, body] = text.split("\r\n\r\n");
  return { head, body, after: Date.now() - began };
}

function tooSlow({ head, body, after }, what) {
  assert.match(head, /^HTTP\/1\.1 408 /, what);
  assert.match(head, /\r\nrefused-by: gate/i, what);
  const { errors } = JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1));
  assert.deepEqual([errors.length, errors[0].code], [1, 20001], what);
  assert.match(errors[0].message, /too slowly/, what);
  assert.ok(after >= STALL - 100 && after <= STALL + ROOM, `${what}: ${after} ms`);
}

test("bodies for which there is no memory are told to come again, and small ones are served", async () => {
  const path = "/v1/Messages/DryRun";
  // Room is kept for what is announced: 64,000,000 bytes have it for six of these.
  const stalled = () => edge.begin("POST", path, { length: HELD }, '{"to":[');
  const connections = Array.from({ length: 6 }, stalled);
  const { body } = request(HELD / 2);
  const judged = () => post(body, { path });
  const refused = async () => {
    const answer = await judged();
    if (answer.status === 503) return answer;
    // wrangler's proxy does not pass on every one at once.
    connections.push(stalled());
  };
  const busy = await eventually(refused, "there is no room for another");
  const fields = ["retry-after", "ratelimit", "ratelimit-policy", "refused-by"].map((name) => busy.headers.get(name));
  assert.deepEqual(fields, ["5", '"bodies";r=0;t=5', '"bodies";q=64000000;qu="content-bytes"', "gate"]);
  const { code, message } = (await busy.json()).errors[0];
  assert.equal(code, 20503);
  assert.match(message, /no memory/);
  assert.equal((await post(request().body, { path })).status, 200);
  for (const connection of connections) connection.close();
  await eventually(async () => (await judged()).status === 200, "there is room again");
});

describe("patience", { concurrency: true }, () => {
  test("a body that does not come on is a 408 after a minute; two large ones leave no place for a third until then", async () => {
    const count = (await sandbox.received()).length;
    const { body } = request(LARGE);
    const stalled = [
      ["in memory", stall(1_000, '{"to":[', "Idempotency-Key: small")],
      ["no byte", stall(1_000, "")],
      ["large", stall(LARGE, body.slice(0, 100_000), "Idempotency-Key: large")],
      ["large, some of it kept", stall(body.length, body.slice(0, HELD - 1_000_000), "Idempotency-Key: kept")],
    ];
    const known = async (name) => (await edge.underKey(name)).status;
    const names = ["small", "large", "kept"];
    for (const name of names) await eventually(async () => (await known(name)) === 409, `${name} comes in`);

    const crowded = await post(body, { "idempotency-key": "third" });
    assert.equal(crowded.status, 503);
    assert.equal(crowded.headers.get("retry-after"), "10");
    assert.equal(crowded.headers.get("ratelimit"), '"large-requests";r=0;t=10');
    assert.equal(crowded.headers.get("ratelimit-policy"), '"large-requests";q=2;qu="concurrent-requests"');
    assert.equal(crowded.headers.get("refused-by"), "gate");
    const { code, message } = (await crowded.json()).errors[0];
    assert.equal(code, 20503);
    assert.match(message, /Too many large requests/);
    const problem = await post(body, { path: "/v1/Messages/DryRun", accept: "application/problem+json" });
    assert.equal(problem.status, 503);
    assert.equal((await problem.json()).status, 503);
    // What fits into memory is served meanwhile.
    assert.equal((await post(request().body, { path: "/v1/Messages/DryRun" })).status, 200);

    for (const [what, answer] of stalled) tooSlow(await answer, what);
    for (const name of [...names, "third"]) assert.equal(await known(name), 404, `${name} is free`);
    const large = request(LARGE);
    const id = await edge.send(large.body, { headers: { "idempotency-key": "third" } });
    await until(id, ({ status }) => status === "COMPLETED");
    assert.deepEqual(await times(large), [1], "the places are given back");
    const others = (await sandbox.received()).slice(count).filter(({ bytes }) => bytes > 2_000_000);
    assert.equal(others.length, 2, "nothing of what stalled was sent");
  });

  test("an upstream that does not answer in two minutes may have a batch: it is looked for, and not sent again", async () => {
    const [taken, lost, slow] = [request(), request(), request()];
    const ids = [];
    for (const [{ body }, rule] of [
      [taken, { answer: "silence", accept: true }],
      [lost, { answer: "silence" }],
      [slow, { wait: ANSWER / 4 }],
    ]) {
      await sandbox.json("POST", "/sandbox/unkindness", { rules: [{ ...SEND, ...rule }] });
      const began = Date.now();
      ids.push([await edge.send(body), began]);
      await until(ids.at(-1)[0], ({ postgate }) => postgate.batches.inFlight === 1);
    }
    const unknown = async ([id, began]) => {
      const open = await until(id, ({ postgate }) => postgate.batches.inFlight === 0);
      assert.deepEqual([open.status, open.postgate.batches.unknown], ["PROCESSING", 1]);
      const passed = Date.now() - began;
      assert.ok(passed >= ANSWER - 100 && passed <= ANSWER + ROOM, `${passed} ms`);
      assert.equal(open.postgate.unsettled[0].attempt, 1);
    };
    const [[first], [second], [third]] = ids;

    // Slow, but in time: there is no doubt.
    const done = await until(third, ({ postgate }) => postgate.batches.inFlight === 0);
    assert.deepEqual([done.postgate.batches.accepted, done.postgate.batches.unknown], [1, 0]);

    await Promise.all(ids.slice(0, 2).map(unknown));
    // The tag proves that the first was taken.
    const found = await until(first, ({ status }) => status === "COMPLETED", ROOM + 15_000);
    assert.deepEqual([found.stats.delivered, found.postgate.operations.length, found.postgate.batches.accepted], [1, 1, 1]);
    // That nothing is found of the second proves nothing.
    const vain = ({ operation, found }) => operation === second && found === false;
    await eventually(() => edge.logged("searched").some(vain), "it is looked for");
    assert.equal((await edge.operation(second)).postgate.batches.unknown, 1);
    assert.deepEqual([await times(taken), await times(lost), await times(slow)], [[1], [0], [1]]);
    // Only a person's word has it sent.
    await edge.json("POST", `/v1/Messages/Operations/${second}/Settle`, { batch: 0, attempt: 1, as: "not-sent" });
    await until(second, ({ status }) => status === "COMPLETED");
    assert.deepEqual([await times(taken), await times(lost), await times(slow)], [[1], [1], [1]]);
  });
});
