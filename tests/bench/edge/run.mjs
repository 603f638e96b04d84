// The edge under load, in workerd, against a Worker that hands requests on and one that does the job with libraries; then
// a million recipients. All on loopback; the upstream is a program that accepts everything.

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { access, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import autocannon from "autocannon";

import { Edge } from "../../edge.mjs";
import { sample } from "../../gate.mjs";
import { sleep } from "../../waiting.mjs";
import { LocalWorker } from "../../worker.mjs";
import { quiet, taken } from "./workerd.mjs";

class Passthrough extends LocalWorker {
  static config = "target/bench/edge/passthrough.toml";
  static health = "/health";
}

class Libraries extends LocalWorker {
  static config = "target/bench/edge/libraries.toml";
  static health = "/health";
}

const JSON_KEY = { ...Edge.key, "content-type": "application/json" };
const KINDS = { edge: Edge, "pass-through": Passthrough, libraries: Libraries };
const ABOUT = `edge: judges, normalizes, keeps each send in an object of its own, and answers; sends it on behind the answer
pass-through: hands the request on as it came, and the answer back
libraries: JSON.parse, Ajv, libphonenumber-js max, JSON.stringify, and a post for every 10,000; keeps nothing`;
/** Recipients of a request, and how many requests are under way at a time. */
const LOADS = [[1, 10], [100, 10], [10_000, 2]];

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    recipients: { type: "string", default: "1000000" },
  },
});
const [seconds, rounds, recipients] = [values.seconds, values.rounds, values.recipients].map(Number);
if (![seconds, rounds].every((n) => n >= 1) || !(recipients >= 0)) {
  console.error("usage: bench --edge [--seconds N] [--rounds N] [--recipients N, 0 for none]");
  process.exit(2);
}
// Here each transaction of an object waits for the disk; Cloudflare's storage is another one. So no disk, if possible.
const MEMORY = "/dev/shm";
if (process.env.TMPDIR === undefined && (await access(MEMORY).then(() => true, () => false))) process.env.TMPDIR = MEMORY;

/** Accepts every send, and says of every operation that it is done. */
function upstream() {
  let sends = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.method === "POST") {
        sends += 1;
        response.writeHead(202, { operationId: `comms_operation_${String(sends).padStart(26, "0")}` }).end();
      } else {
        const zeros = "total recipients attempts unaddressable scheduled queued sent delivered read undelivered failed canceled";
        const stats = Object.fromEntries(zeros.split(" ").map((name) => [name, 0]));
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ id: request.url.split("/").at(-1), status: "COMPLETED", stats }));
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/v1` }));
  });
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** What the edge writes down of a send that it has kept. */
async function accepted(edge, id) {
  for (;;) {
    const line = edge.log.split("\n").find((line) => line.includes('"accepted"') && line.includes(id));
    if (line !== undefined) return JSON.parse(line.slice(line.indexOf("{")));
    await sleep(20);
  }
}

/** A round: the load, and the CPU of the Worker until it has done what it does after its answers. */
async function round(name, worker, body, connections) {
  const before = taken(worker).cpu;
  const options = { url: `${worker.url}/v1/Messages`, method: "POST", headers: JSON_KEY, body, connections, duration: seconds };
  const result = await autocannon(options);
  assert.equal(result.non2xx + result.errors + result.timeouts, 0, `${name}: ${result.non2xx} refused, ${result.errors} failed`);
  await quiet(worker);
  return { ...result, cpu: ((taken(worker).cpu - before) * 1_000) / result["2xx"] };
}

async function load(workers, count, connections) {
  const body = await sample(count);
  const costs = {};
  for (const [name, worker] of Object.entries(workers)) {
    const answer = await fetch(`${worker.url}/v1/Messages`, { method: "POST", headers: JSON_KEY, body });
    assert.equal(answer.status, 202, await answer.text());
    if (name === "edge") Object.assign(costs, await accepted(worker, answer.headers.get("operationId")));
  }
  const seen = Object.fromEntries(Object.keys(workers).map((name) => [name, []]));
  for (let at = 0; at < rounds; at += 1) {
    for (const [name, worker] of Object.entries(workers)) seen[name].push(await round(name, worker, body, connections));
  }
  console.log(`\n${count} recipients, ${body.length} bytes, ${connections} connections`);
  const rate = (name) => median(seen[name].map(({ requests }) => requests.average));
  for (const [name, results] of Object.entries(seen)) {
    const [half, most] = ["p50", "p99"].map((place) => String(median(results.map(({ latency }) => latency[place]))).padStart(6));
    const cpu = median(results.map(({ cpu }) => cpu)).toFixed(1).padStart(7);
    const ratio = (rate("edge") / rate(name)).toFixed(2);
    console.log(`  ${name.padEnd(14)}${rate(name).toFixed(1).padStart(9)} requests/s  median ${half} ms  p99 ${most} ms  CPU ${cpu} ms each  edge: ${ratio}×`);
  }
  console.log(`  edge, up to its answer: ${costs.calls} calls of the object, ${costs.rowsWritten} rows written`);
}

/** One request of very many recipients, as a file is uploaded. */
async function million(edge, folder) {
  const file = join(folder, "request.json");
  await writeFile(file, await sample(recipients));
  const { size } = await stat(file);
  const before = taken(edge);
  const began = performance.now();
  const headers = { ...JSON_KEY, "content-length": String(size), "idempotency-key": "bench" };
  const answer = await fetch(`${edge.url}/v1/Messages`, { method: "POST", headers, body: createReadStream(file), duplex: "half" });
  assert.equal(answer.status, 202, await answer.text());
  const took = (performance.now() - began) / 1_000;
  const after = taken(edge);
  const id = answer.headers.get("operationId");
  const { calls, rowsWritten } = await accepted(edge, id);
  console.log(`\n${recipients} recipients, ${(size / 1e6).toFixed(1)} MB, in one request to a fresh edge`);
  console.log(`  202 after ${took.toFixed(2)} s, ${(after.cpu - before.cpu).toFixed(2)} s of CPU; ${calls} calls of the object, ${rowsWritten} rows written`);
  console.log(`  most memory of workerd: ${before.peak.toFixed(0)} MB before, ${after.peak.toFixed(0)} MB behind it`);
  const operation = await fetch(`${edge.url}/v1/Messages/Operations/${id}`, { headers: Edge.key });
  assert.equal((await operation.json()).stats.recipients, recipients);
}

const { server, url } = await upstream();
const vars = { UPSTREAM_URL: url };
const workers = {};
const folder = await mkdtemp(join(tmpdir(), "postgate-bench-"));
try {
  console.log(`\nNode ${process.versions.node}; ${cpus()[0]?.model}, ${cpus().length} cores, which the load shares; state in ${tmpdir()}`);
  console.log(`${rounds} interleaved rounds of ${seconds} s each; medians of the rounds\n\n${ABOUT}`);
  for (const [name, Kind] of Object.entries(KINDS)) workers[name] = await Kind.start({ vars });
  for (const [count, connections] of LOADS) await load(workers, count, connections);
  for (const [name, worker] of Object.entries(workers)) {
    delete workers[name];
    await worker.stop();
  }
  if (recipients > 0) {
    workers.edge = await Edge.start({ vars });
    await million(workers.edge, folder);
  }
} finally {
  for (const worker of Object.values(workers)) await worker.stop();
  server.close();
  await rm(folder, { recursive: true, force: true });
}
