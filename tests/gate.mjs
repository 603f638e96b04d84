// Starts the whole gate, edge and sandbox in real workerd, the way a user does: with `cargo xtask dev`.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Edge } from "./edge.mjs";
import { Sandbox } from "./sandbox.mjs";
import { eventually, within } from "./waiting.mjs";
import { freePort } from "./worker.mjs";

const ROOT = new URL("..", import.meta.url).pathname;
/** How long a start, or a build that cargo waits for, may take. */
const START = 300_000;

/** A running gate with a state of its own. */
export class Gate {
  /** Starts; `settings` are given to the edge over those of wrangler.toml. */
  static async start(settings = {}) {
    const gate = new Gate(await mkdtemp(join(tmpdir(), "postgate-")));
    try {
      await gate.#run(settings);
    } catch (error) {
      await gate.stop();
      throw error;
    }
    // At the pace of development ten thousand recipients would take ten seconds.
    await gate.sandbox.json("PUT", "/sandbox/pace", { defaultMps: 100_000 });
    return gate;
  }

  constructor(state) {
    Object.assign(this, { state, log: "" });
  }

  async #run(settings) {
    const words = ["xtask", "dev", "--port", await freePort(), "--sandbox-port", await freePort(), "--persist", this.state];
    for (const [name, value] of Object.entries(settings)) words.push("--set", `${name}=${value}`);
    // No traces of wrangler's own: see worker.mjs.
    const env = { ...process.env, X_LOCAL_OBSERVABILITY: "false" };
    const child = (this.child = spawn("cargo", words.map(String), { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] }));
    this.ended = new Promise((resolve) => child.on("exit", resolve));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.log += text));
    }
    const ready = () => {
      if (child.exitCode !== null) throw new Error(`the gate does not start:\n${this.log}`);
      return /^ready edge=(\S+) sandbox=(\S+)$/m.exec(this.log);
    };
    const [, edge, sandbox] = await eventually(ready, () => `the gate to start:\n${this.log}`, START);
    Object.assign(this, { edge: new Edge(edge), sandbox: new Sandbox(sandbox) });
  }

  async stop() {
    this.child.kill("SIGTERM");
    await within(this.ended, () => `the gate stops:\n${this.log}`);
    await rm(this.state, { recursive: true, force: true });
  }
}

/** A request of `count` recipients, by `cargo xtask sample`, which waits for whatever cargo does already. */
export async function sample(count) {
  const child = spawn("cargo", ["xtask", "sample", String(count)], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  return Buffer.concat(await within(child.stdout.toArray(), "cargo xtask sample", START));
}
