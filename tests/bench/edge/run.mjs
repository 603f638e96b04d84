// The edge under load, in workerd, against a Worker that hands requests on and one that does the job with libraries; then
// a million recipients. All on loopback; the upstream is a program that accepts everything.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createReadStream, readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import autocannon from "autocannon";

import { JSON_KEY, KEY, sleep } from "../../gate.mjs";
import { Edge, LocalWorker } from "../../worker.mjs";

const ROOT = new URL("../../..", import.meta.url).pathname;

class Passthrough extends LocalWorker {
  static config = "target/bench/edge/passthrough.toml";
  static health = "/health";
}

class Libraries extends LocalWorker {
  static config = "target/bench/edge/libraries.toml";
  static health = "/health";
}

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

/** What `cargo xtask sample` writes. */
async function sample(count, file) {
  const child = spawn("cargo", ["xtask", "sample", String(count)], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const parts = [];
  for await (const part of child.stdout) parts.push(part);
  const body = Buffer.concat(parts);
  if (file) await writeFile(file, body);
  return body;
}

/** Memory of the workerd among the children of a program: the most it had, in MB. */
function peak(group) {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
      const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
      if (Number(fields[2]) !== group || name !== "workerd") continue;
      return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
    } catch {
      // A process that has just ended.
    }
  }
  return NaN;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const { server, url } = await upstream();
const vars = { UPSTREAM_URL: url };
const workers = { edge: await Edge.start({ vars }), "pass-through": await Passthrough.start({ vars }), libraries: await Libraries.start({ vars }) };
const state = await mkdtemp(join(tmpdir(), "postgate-bench-"));
try {
  console.log(`\nNode ${process.versions.node}; ${cpus()[0]?.model}, ${cpus().length} cores, which the load shares`);
  console.log(`${rounds} interleaved rounds of ${seconds} s each; medians of the rounds`);
  for (const [count, connections] of [[1, 10], [100, 10], [10_000, 2]]) {
    const body = await sample(count);
    console.log(`\n${count} recipients, ${body.length} bytes, ${connections} connections`);
    const seen = Object.fromEntries(Object.keys(workers).map((name) => [name, []]));
    for (const worker of Object.values(workers)) {
      const answer = await fetch(`${worker.url}/v1/Messages`, { method: "POST", headers: JSON_KEY, body });
      assert.equal(answer.status, 202, await answer.text());
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, worker] of Object.entries(workers)) {
        const options = { url: `${worker.url}/v1/Messages`, method: "POST", headers: JSON_KEY, body, connections, duration: seconds };
        const result = await autocannon(options);
        assert.equal(result.non2xx + result.errors + result.timeouts, 0, `${name}: ${result.non2xx} refused, ${result.errors} failed`);
        seen[name].push(result);
      }
    }
    const rate = (name) => median(seen[name].map(({ requests }) => requests.average));
    for (const name of Object.keys(workers)) {
      const [half, most] = ["p50", "p99"].map((place) => median(seen[name].map(({ latency }) => latency[place])));
      const ratio = (rate("edge") / rate(name)).toFixed(2);
      console.log(`  ${name.padEnd(14)}${rate(name).toFixed(1).padStart(9)} requests/s  median ${String(half).padStart(6)} ms  p99 ${String(most).padStart(6)} ms  edge: ${ratio}×`);
    }
  }
  if (recipients > 0) await million(workers.edge);
} finally {
  for (const worker of Object.values(workers)) await worker.stop();
  server.close();
  await rm(state, { recursive: true, force: true });
}

/** One request of very many recipients, as a file is uploaded. */
async function million(edge) {
  const file = join(state, "request.json");
  await sample(recipients, file);
  const { size } = await stat(file);
  const before = peak(edge.child.pid);
  const began = performance.now();
  const headers = { ...JSON_KEY, "content-length": String(size), "idempotency-key": "bench" };
  const answer = await fetch(`${edge.url}/v1/Messages`, { method: "POST", headers, body: createReadStream(file), duplex: "half" });
  assert.equal(answer.status, 202, await answer.text());
  const took = (performance.now() - began) / 1_000;
  const id = answer.headers.get("operationId");
  let line;
  while (!(line = edge.log.split("\n").find((line) => line.includes('"accepted"') && line.includes(id)))) await sleep(20);
  const { calls, rowsWritten } = JSON.parse(line.slice(line.indexOf("{")));
  console.log(`\n${recipients} recipients, ${(size / 1e6).toFixed(1)} MB, in one request`);
  console.log(`  202 after ${took.toFixed(2)} s; ${calls} calls of the object, ${rowsWritten} rows written`);
  console.log(`  most memory of workerd: ${before.toFixed(0)} MB before, ${peak(edge.child.pid).toFixed(0)} MB behind it`);
  const operation = await fetch(`${edge.url}/v1/Messages/Operations/${id}`, { headers: KEY });
  assert.equal((await operation.json()).stats.recipients, recipients);
}
