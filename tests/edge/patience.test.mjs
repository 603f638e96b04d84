// How long the edge waits, on a clock that runs fast: for a body that does not come on, and for an upstream that does not
// answer; and what others are told meanwhile.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";

import { JSON_KEY, KEY, sleep } from "../gate.mjs";
import { Sandbox } from "../sandbox.mjs";
import { Edge } from "../worker.mjs";

const SEND = { method: "POST", path: "/v1/Messages" };
const HEAD = '],"from":{"address":"+15017122661","channel":"SMS"},"content":{"text":"Hello"}}';
/** What a request may have in memory, and a length beyond that. */
const [HELD, LARGE] = [10_000_000, 12_000_000];
/** How much faster the edge's clock runs than this machine's. */
const SPEED = 6;
/** How long a body may pause, and an upstream take, as the edge's README says; with room for a busy machine. */
const [STALL, ANSWER, ROOM] = [60_000 / SPEED, 120_000 / SPEED, 20_000];

let sandbox, edge;
before(
  async () => {
    sandbox = await Sandbox.start();
    edge = await Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1` } });
    await edge.clock({ speed: SPEED });
  },
  { timeout: 400_000 },
);
after(async () => {
  await edge?.stop();
  await sandbox?.stop();
});

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

function post(body, { path = "/v1/Messages", ...headers } = {}) {
  return fetch(edge.url + path, { method: "POST", headers: { ...JSON_KEY, ...headers }, body });
}

function until(id, done, patience = ANSWER + 2 * ROOM) {
  return edge.until(id, done, patience);
}

/** How often the sandbox has each recipient of a request. */
async function times({ rows }) {
  const counts = new Map(rows.map((row) => [JSON.parse(row).address, 0]));
  for (const { n } of await sandbox.json("GET", "/sandbox/requests")) {
    const { to } = await sandbox.json("GET", `/sandbox/requests/${n}/body`);
    for (const { address } of to) if (counts.has(address)) counts.set(address, counts.get(address) + 1);
  }
  return [...new Set(counts.values())];
}

/** Announces a body and sends only its beginning: the answer, once it comes, and after how long. */
function stall(length, beginning, headers = "") {
  const { hostname, port } = new URL(edge.url);
  const began = Date.now();
  const socket = connect(Number(port), hostname);
  socket.setEncoding("utf8").on("error", () => {});
  socket.write(
    `POST /v1/Messages HTTP/1.1\r\nHost: gate\r\nAuthorization: ${KEY.authorization}\r\n${headers}` +
      `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${beginning}`,
  );
  let text = "";
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no answer: ${text}`)), STALL + 2 * ROOM);
    const done = () => {
      clearTimeout(late);
      socket.destroy();
      const [head, body] = text.split("\r\n\r\n");
      resolve({ head, body, after: Date.now() - began });
    };
    socket.on("data", (data) => {
      text += data;
      if (/\r\n\r\n.*"omitted":0}/s.test(text)) done();
    });
    socket.on("close", done);
  });
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
  const { hostname, port } = new URL(edge.url);
  // Room is kept for what is announced: 64,000,000 bytes have it for six of these.
  const stalled = () => {
    const socket = connect(Number(port), hostname).on("error", () => {});
    socket.write(
      `POST /v1/Messages/DryRun HTTP/1.1\r\nHost: gate\r\nAuthorization: ${KEY.authorization}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${HELD}\r\n\r\n{"to":[`,
    );
    return socket;
  };
  const sockets = Array.from({ length: 6 }, stalled);
  const { body } = request(HELD / 2);
  const judged = () => post(body, { path: "/v1/Messages/DryRun" });
  let busy;
  for (const start = Date.now(); busy?.status !== 503; busy = await judged()) {
    assert.ok(Date.now() - start < ROOM, `another is answered ${busy?.status}`);
    // wrangler's proxy does not pass on every one at once.
    sockets.push(stalled());
  }
  const fields = ["retry-after", "ratelimit", "ratelimit-policy", "refused-by"].map((name) => busy.headers.get(name));
  assert.deepEqual(fields, ["5", '"bodies";r=0;t=5', '"bodies";q=64000000;qu="content-bytes"', "gate"]);
  const { code, message } = (await busy.json()).errors[0];
  assert.equal(code, 20503);
  assert.match(message, /no memory/);
  assert.equal((await post(request().body, { path: "/v1/Messages/DryRun" })).status, 200);
  for (const socket of sockets) socket.destroy();
  for (const start = Date.now(); (await judged()).status !== 200; await sleep(100)) assert.ok(Date.now() - start < ROOM);
});

describe("patience", { concurrency: true }, () => {
  test("a body that does not come on is a 408 after a minute; two large ones leave no place for a third until then", async () => {
    const count = (await sandbox.json("GET", "/sandbox/requests")).length;
    const { body } = request(LARGE);
    const stalled = [
      ["in memory", stall(1_000, '{"to":[', "Idempotency-Key: small\r\n")],
      ["no byte", stall(1_000, "")],
      ["large", stall(LARGE, body.slice(0, 100_000), "Idempotency-Key: large\r\n")],
      ["large, some of it kept", stall(body.length, body.slice(0, HELD - 1_000_000))],
    ];
    const key = (name) => fetch(`${edge.url}/v1/Messages/Operations?idempotencyKey=${name}`, { headers: KEY });
    while ((await key("small")).status !== 409 || (await key("large")).status !== 409) await sleep(50);

    let crowded;
    for (let tries = 0; crowded?.status !== 503; tries += 1, await sleep(100)) {
      assert.ok(tries < 20, `a third is answered ${crowded?.status}`);
      crowded = await post(body, { "idempotency-key": "third" });
    }
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
    for (const name of ["small", "large", "third"]) assert.equal((await key(name)).status, 404, `${name} is free`);
    const large = request(LARGE);
    const id = (await post(large.body, { "idempotency-key": "third" })).headers.get("operationId");
    await until(id, ({ status }) => status === "COMPLETED");
    assert.deepEqual(await times(large), [1], "the places are given back");
    const others = (await sandbox.json("GET", "/sandbox/requests")).slice(count).filter(({ bytes }) => bytes > 2_000_000);
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
      ids.push([await edge.send(body), Date.now()]);
      await until(ids.at(-1)[0], ({ postgate }) => postgate.batches.inFlight === 1);
    }
    const unknown = async ([id, began]) => {
      const open = await until(id, ({ postgate }) => postgate.batches.inFlight === 0);
      assert.deepEqual([open.status, open.postgate.batches.unknown], ["PROCESSING", 1]);
      const passed = Date.now() - began;
      assert.ok(passed >= ANSWER - 500 && passed <= ANSWER + ROOM, `${passed} ms`);
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
    for (const start = Date.now(); !edge.logged("searched").some(vain); await sleep(100)) {
      assert.ok(Date.now() - start < ROOM + 15_000, "it is looked for");
    }
    assert.equal((await edge.operation(second)).postgate.batches.unknown, 1);
    assert.deepEqual([await times(taken), await times(lost), await times(slow)], [[1], [0], [1]]);
    // Only a person's word has it sent.
    await edge.json("POST", `/v1/Messages/Operations/${second}/Settle`, { batch: 0, attempt: 1, as: "not-sent" });
    await until(second, ({ status }) => status === "COMPLETED");
    assert.deepEqual([await times(taken), await times(lost), await times(slow)], [[1], [1], [1]]);
  });
});
