// The way in, through real workerd: sizes, gzip, strictness, what is refused, and how early.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import test from "node:test";
import { gzipSync } from "node:zlib";

import { Edge } from "../edge.mjs";
import { sample } from "../gate.mjs";
import { Sandbox } from "../sandbox.mjs";
import { shared } from "../setup.mjs";
import { eventually, sleep } from "../waiting.mjs";

const HELD = 10_000_000;
const ROW = { address: "+14155550100", channel: "PHONE" };
const PLAIN = { to: [ROW], from: { address: "+15017122661", channel: "SMS" }, content: { text: "Hello" } };

const sandbox = await shared(Sandbox.start());
const edge = await shared(Edge.start({ vars: { UPSTREAM_URL: `${sandbox.url}/v1` } }));

/** A request of some bytes, of rows with a variable of a thousand. */
function large(bytes, head = { content: PLAIN.content }) {
  const row = (n) =>
    JSON.stringify({ address: `+1415555${String(n % 10_000).padStart(4, "0")}`, channel: "PHONE", variables: { x: "x".repeat(1_000) } });
  const rows = [];
  for (let n = 0, length = 0; length < bytes; n += 1) {
    rows.push(row(n));
    length += rows.at(-1).length + 1;
  }
  return { rows, body: Buffer.from(`{"to":[${rows.join(",")}],${JSON.stringify(head).slice(1)}`) };
}

async function* pieces(body, size = 1 << 20) {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

/** All rows of an operation that the sandbox has got. */
async function rowsOf(operation) {
  const rows = [];
  for (const { n, operationId } of await sandbox.received()) {
    if (!operation.postgate.operations.includes(operationId)) continue;
    rows.push(...(await sandbox.body(n)).to);
  }
  return rows;
}

/** The line that the edge logs of a send. */
function accepted(id) {
  return eventually(() => edge.logged("accepted").find(({ operation }) => operation === id), "its acceptance is logged");
}

async function refused(answer, status) {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  return JSON.parse(text).errors[0];
}

test("a request above 10,000,000 bytes is spooled, sent whole, and leaves no spool", async () => {
  const { rows, body } = large(HELD + 2_000_000);
  const answer = await edge.post(body);
  assert.equal(answer.status, 202, await answer.text());
  const id = answer.headers.get("operationId");
  const line = await accepted(id);
  assert.equal(line.spooled, true);
  assert.equal(line.bytes, body.length);
  // begin, 2 or 3 parts each way, 2 or 3 calls with pieces, the seal.
  assert.ok(line.calls <= 12, `${line.calls} calls`);
  assert.ok(line.rowsWritten <= 100, `${line.rowsWritten} rows written`);
  assert.deepEqual(await rowsOf(await edge.until(id, (operation) => operation.postgate.batches.accepted === line.batches)), rows.map((row) => JSON.parse(row)));
});

test("a send to one person takes few calls, alarms and rows", async () => {
  const id = await edge.send(PLAIN);
  const { calls, rowsWritten, milliseconds, ...line } = await accepted(id);
  assert.deepEqual([calls, rowsWritten], [1, 9], "calls of its object and rows up to the answer, four of them tables");
  const bytes = JSON.stringify(PLAIN).length;
  assert.deepEqual(line, { event: "accepted", operation: id, bytes, rows: 1, refused: 0, batches: 1, spooled: false });
  assert.ok(milliseconds >= 0 && milliseconds < 60_000, `${milliseconds} ms`);
  await edge.until(id);
  const steps = () => edge.logged("step").filter(({ operation }) => operation === id).map(({ calls }) => calls);
  await eventually(() => steps().at(-1) === 2, () => `the upstream is done, and the directory is told at once: ${steps()}`);
  const [first, ...looks] = steps().slice(0, -1);
  assert.equal(first, 3, "the directory is told, the batch posted, the pacer told; the turn came with the room");
  assert.ok(looks.every((calls) => calls === 1), `${looks}`);
});

test("a body of no announced size goes the same ways", async () => {
  for (const [bytes, spooled] of [[1_000, false], [HELD - 5_000, false], [HELD + 5_000, true]]) {
    const { rows, body } = large(bytes);
    const answer = await edge.post(ReadableStream.from(pieces(body, 300_000)));
    assert.equal(answer.status, 202, await answer.text());
    const id = answer.headers.get("operationId");
    const line = await accepted(id);
    assert.deepEqual([line.spooled, line.rows, line.bytes], [spooled, rows.length, body.length]);
    // What comes next counts what the sandbox gets.
    await edge.until(id, (operation) => operation.postgate.batches.accepted === line.batches);
    if (!spooled) assert.equal(line.calls, 1, "what is in memory goes to the object in one go");
  }
});

test("a dry run says what a send would take, and leaves as little as a refusal: nothing, however large", async () => {
  const before = (await sandbox.received()).length;
  const kept = () => edge.rows().filter((tables) => Object.values(tables).some((rows) => rows > 0)).length;
  const had = kept();
  const listed = async () => (await edge.json("GET", "/v1/Messages/Operations?pageSize=1000")).operations.length;
  const operations = await listed();
  const { rows, body } = large(HELD + 1_000_000);
  const query = new URLSearchParams({ prices: JSON.stringify({ currency: "USD", sms: { US: 0.0079 } }), mps: "100", preview: "0" });
  const dry = await edge.post(body, { path: `/v1/Messages/DryRun?${query}` });
  const { verdict, estimate, previews } = await dry.json();
  assert.deepEqual([dry.status, verdict.ok, verdict.totals.recipients.listed], [200, true, rows.length]);
  assert.deepEqual([estimate.seconds, previews.length], [{ min: Math.ceil(rows.length / 100), max: Math.ceil(rows.length / 100) }, 1]);
  const refusal = await edge.post(Buffer.concat([body.subarray(0, -1), Buffer.from(',"tags":7}')]));
  assert.equal(refusal.status, 400);
  assert.deepEqual([kept(), await listed(), (await sandbox.received()).length], [had, operations, before]);
});

test("gzip is taken and counted as it inflates", async () => {
  const gzip = { "content-encoding": "gzip" };
  for (const bytes of [1_000, HELD + 1_000_000]) {
    const { rows, body } = large(bytes);
    const answer = await edge.post(gzipSync(body), { headers: gzip });
    assert.equal(answer.status, 202, await answer.text());
    const line = await accepted(answer.headers.get("operationId"));
    assert.deepEqual([line.rows, line.bytes], [rows.length, body.length]);
  }
  const verdict = await edge.post(gzipSync(JSON.stringify(PLAIN)), { path: "/v1/Messages/DryRun", headers: gzip });
  assert.equal((await verdict.json()).verdict.ok, true);

  const bomb = gzipSync(Buffer.alloc(HELD + 1, " "));
  assert.ok(bomb.length < 20_000);
  assert.equal((await refused(await edge.post(bomb, { headers: gzip, path: "/v1/Messages?limits=request" }), 413)).code, 20413);

  const whole = gzipSync(JSON.stringify(PLAIN));
  for (const broken of [JSON.stringify(PLAIN), whole.subarray(0, -9), Buffer.concat([whole.subarray(0, 20), whole])]) {
    const error = await refused(await edge.post(broken, { headers: gzip }), 400);
    assert.match(error.message, /gzip/);
  }
  for (const encoding of ["br", "deflate", "gzip, gzip"]) {
    await refused(await edge.post(whole, { headers: { "content-encoding": encoding } }), 415);
  }
});

test("one error refuses all, unless handling is lenient: then the rest is sent", async () => {
  const bad = { address: "+0", channel: "PHONE" };
  const request = { ...PLAIN, to: [ROW, bad, { ...ROW, address: "+14155550101" }, 7] };
  const strict = await edge.post(request, { headers: { prefer: "handling=strict" } });
  assert.equal(strict.status, 400);
  assert.equal((await strict.json()).errors.length, 2);
  const codes = ["request/wrong-type", "address/no-calling-code"];
  const logged = () => edge.logged("refused").find((line) => line.codes.includes(codes[1]));
  const line = await eventually(logged, "the refusal is logged");
  assert.deepEqual(line, { event: "refused", bytes: JSON.stringify(request).length, codes });

  const lenient = { prefer: "handling=lenient, return=representation" };
  const answer = await edge.post(JSON.stringify(request), { headers: lenient });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get("preference-applied"), "handling=lenient, return=representation");
  const id = answer.headers.get("operationId");
  const operation = await edge.until(id, (operation) => operation.postgate.batches.accepted === 1);
  assert.equal(operation.postgate.refusedRows, 2);
  const { errors } = await edge.json("GET", `/v1/Messages/Operations/${id}/Errors`);
  assert.deepEqual(errors, [
    { index: 1, code: 21211, pointer: "/to/1/address", status: 400, batch: null, recipients: 1, issue: "address/no-calling-code" },
    { index: 3, code: 70002, pointer: "/to/3", status: 400, batch: null, recipients: 1, issue: "request/wrong-type" },
  ]);
  assert.deepEqual((await rowsOf(operation)).map((row) => row.address), ["+14155550100", "+14155550101"]);

  const none = await edge.post(JSON.stringify({ ...PLAIN, to: [bad] }), { headers: lenient });
  assert.equal((await refused(none, 400)).issue.at, "/to/0/address");
  const head = await edge.post(JSON.stringify({ ...request, tags: 7 }), { headers: lenient });
  assert.equal(head.status, 400);
  assert.equal((await head.json()).errors.length, 3);
});

test("more than 10,000 recipients without a key, and tags that leave no room, are warned about", async () => {
  const answer = await edge.post(await sample(10_001), { headers: { prefer: "return=representation" } });
  assert.deepEqual((await answer.json()).warnings.map(({ code }) => code), ["no-idempotency-key"]);
  const operation = await edge.operation(answer.headers.get("operationId"));
  assert.match(operation.postgate.warnings[0].message, /10,000/);

  const tags = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`t${n}`, "x"]));
  const full = await edge.post(JSON.stringify({ ...PLAIN, tags }), { headers: { prefer: "return=representation" } });
  assert.deepEqual((await full.json()).warnings.map(({ code }) => code), ["untagged"]);
});

test("what cannot become a send is refused long before its end", async () => {
  const row = JSON.stringify(ROW);
  for (const front of ["", '{"to":[', `{"to":[${row},`, '{"to":[{"address":"']) {
    await answersEarly(front + " ".repeat(2 * HELD + (2 << 20)), /^HTTP\S+ 413 [^]*No recipient comes to an end in 20000000 bytes/);
  }
  await answersEarly(`{"to":[${row},${row}}${" ".repeat(7_000_000)}`, /^HTTP\S+ 400 [^]*"code":"request\/not-json"/);

  // The limit is for what goes on and on, and not for what has paused.
  const paused = large(HELD + 1_000_000).body.toString().replace("},{", `},${" ".repeat(HELD)}{`);
  assert.equal((await edge.post(paused)).status, 202);
});

/** What a client says of an answer that comes while it still uploads. */
const CLIENTS = {
  curl: (url, headers) => ["curl", ["-s", "-m", "60", "-o", "/dev/null", "-w", "%{http_code}", ...headers.flatMap((h) => ["-H", h]), "-T", "-", "-X", "POST", url]],
  python: (url, headers) => ["python3", ["-c", PYTHON, url, ...headers]],
};
const PYTHON = `
import http.client, sys, urllib.parse
url = urllib.parse.urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
def body():
    while piece := sys.stdin.buffer.read(65536):
        yield piece
try:
    connection.request("POST", url.path + "?" + url.query, body(), dict(h.split(": ", 1) for h in sys.argv[2:]), encode_chunked=True)
except (BrokenPipeError, ConnectionResetError):
    pass
print(connection.getresponse().status)
`;

test("curl, Node's fetch and Python read a 413 and a 401 that come while they upload", async () => {
  const path = "/v1/Messages?limits=request";
  const body = Buffer.alloc(HELD + 3_000_000, " ");
  for (const [status, auth] of [[413, Edge.key.authorization], [401, "Basic eDp5"]]) {
    const headers = [`Authorization: ${auth}`, "Content-Type: application/json", "Transfer-Encoding: chunked"];
    for (const [name, program] of Object.entries(CLIENTS)) {
      const [command, words] = program(edge.url + path, headers);
      await reads(status, name, () => run(command, words, body));
    }
    const upload = () =>
      edge.post(ReadableStream.from(pieces(body)), { path, key: { authorization: auth } })
        .then((answer) => String(answer.status), (error) => error.cause?.code ?? error.message);
    await reads(status, "fetch", upload);
  }
});

/** The edge gives an answer to the beginning of a body of which more is announced and never comes. */
async function answersEarly(beginning, wanted) {
  let text;
  const look = async () => wanted.test((text = await edge.begin("POST", "/v1/Messages", { length: 10 * HELD }, beginning).answer()));
  await eventually(look, () => `${wanted}; at last it was ${text}`);
}

/**
 * A client reads a status. workerd closes the connection some time behind an early answer, and then a client that still
 * writes, or wrangler's proxy, may give up in front of reading: that is tried again, here and above.
 */
async function reads(status, name, client) {
  let read;
  const look = async () => (read = await client()) === String(status);
  await eventually(look, () => `${name} reads ${status}; at last it read ${read}`);
}

test("a body that comes slowly is taken, and one that ends too soon leaves nothing", async () => {
  const text = JSON.stringify(PLAIN);
  const slow = edge.post(ReadableStream.from((async function* () {
    for (const letter of text.match(/.{1,20}/g)) {
      yield Buffer.from(letter);
      await sleep(50);
    }
  })()));
  const { status, headers } = await slow;
  assert.equal(status, 202);
  await accepted(headers.get("operationId"));

  const before = edge.logged("accepted").length;
  const intake = await edge.hold("cut", text.length, text.slice(0, -1));
  intake.close();
  await eventually(async () => (await edge.underKey("cut")).status === 404, "its key is given back");
  assert.equal(edge.logged("accepted").length, before);
});

/** What a program prints that gets a body on its standard input. */
function run(command, words, body) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
    child.stdin.on("error", () => {});
    child.on("error", reject);
    child.on("close", () => resolve(printed.trim()));
    child.stdin.end(body);
  });
}
