// Starts the whole gate, edge and sandbox in real workerd, the way a user does: with `cargo xtask dev`.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = new URL("..", import.meta.url).pathname;
const START = 300_000;

/** The development key, as a request carries it. */
export const KEY = { authorization: `Basic ${btoa("dev:dev")}` };

/** What a send is posted with. */
export const JSON_KEY = { ...KEY, "content-type": "application/json" };

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A running gate with a state of its own. */
export class Gate {
  /** Starts; `settings` are given to the edge over those of wrangler.toml. */
  static async start(settings = {}) {
    const state = await mkdtemp(join(tmpdir(), "postgate-"));
    const [port, sandboxPort] = [await freePort(), await freePort()];
    const words = ["xtask", "dev", "--port", port, "--sandbox-port", sandboxPort, "--persist", state];
    for (const [name, value] of Object.entries(settings)) words.push("--set", `${name}=${value}`);
    // No traces of wrangler's own: see worker.mjs.
    const env = { ...process.env, X_LOCAL_OBSERVABILITY: "false" };
    const child = spawn("cargo", words.map(String), { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    const gate = new Gate(child, state);
    await gate.ready();
    // At the pace of development ten thousand recipients would take ten seconds.
    const pace = JSON.stringify({ defaultMps: 100_000 });
    await fetch(`${gate.sandbox}/sandbox/pace`, { method: "PUT", body: pace });
    return gate;
  }

  constructor(child, state) {
    this.child = child;
    this.state = state;
    this.log = "";
    this.ended = new Promise((resolve) => child.on("exit", resolve));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.log += text));
    }
  }

  async ready() {
    const start = Date.now();
    for (;;) {
      const urls = /^ready edge=(\S+) sandbox=(\S+)$/m.exec(this.log);
      if (urls) {
        [, this.edge, this.sandbox] = urls;
        return;
      }
      if (this.child.exitCode !== null || Date.now() - start > START) {
        throw new Error(`the gate does not start:\n${this.log}`);
      }
      await sleep(50);
    }
  }

  async stop() {
    this.child.kill("SIGTERM");
    const code = await this.ended;
    await rm(this.state, { recursive: true, force: true });
    return code;
  }

  /** Posts a send. */
  post(body, { path = "/v1/Messages", headers = {} } = {}) {
    return fetch(this.edge + path, { method: "POST", headers: { ...JSON_KEY, ...headers }, body, duplex: "half" });
  }

  /** Reads an operation. */
  async operation(id) {
    const answer = await fetch(`${this.edge}/v1/Messages/Operations/${id}`, { headers: KEY });
    if (answer.status !== 200) throw new Error(`operation ${id}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Reads an operation until it is `done`, by default COMPLETED. */
  async until(id, done = (operation) => operation.status === "COMPLETED", patience = 60_000) {
    const start = Date.now();
    for (;;) {
      const operation = await this.operation(id);
      if (done(operation)) return operation;
      if (Date.now() - start > patience) throw new Error(`still ${JSON.stringify(operation)}`);
      await sleep(100);
    }
  }

  /** What the sandbox has accepted, in order. */
  async received() {
    return (await fetch(`${this.sandbox}/sandbox/requests`)).json();
  }
}

/** Waits. */
export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A request of `count` recipients, by `cargo xtask sample`. */
export async function sample(count) {
  const child = spawn("cargo", ["xtask", "sample", String(count)], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const pieces = [];
  for await (const piece of child.stdout) pieces.push(piece);
  return Buffer.concat(pieces);
}
