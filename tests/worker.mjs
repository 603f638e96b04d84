// A Worker alone in real workerd: started with a state of its own, killed in the middle, started again.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "./client.mjs";
import { eventually } from "./waiting.mjs";

const ROOT = new URL("..", import.meta.url).pathname;
/** How long a start may take: wrangler waits for a build that is under way. */
const START = 300_000;

/**
 * A port that nobody listens on: none of those that the system gives to whoever calls, which any connection of another
 * test could have by the time that it is used.
 */
export async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.on("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** A Worker, as a client sees it; what `start` gives runs it, too. `cargo xtask build` has to have made it. */
export class LocalWorker extends Client {
  /** Its wrangler.toml, the path that answers once it runs, and the key that it takes in development. */
  static config;
  static health;
  static key;

  /** Starts one; `vars` are settings in the place of those in its wrangler.toml. */
  static async start({ vars = {} } = {}) {
    const state = await mkdtemp(join(tmpdir(), "postgate-worker-"));
    const port = await freePort();
    const worker = Object.assign(new this(`http://127.0.0.1:${port}`), { state, port, vars, log: "" });
    await worker.run();
    return worker;
  }

  constructor(url) {
    super(url, new.target.key);
  }

  /** Starts the program, on the port and the state it had. */
  async run() {
    const { config } = this.constructor;
    const words = ["dev", "--ip", "127.0.0.1", "--port", String(this.port), "--inspector-port", "0"];
    words.push("--config", config, "--persist-to", this.state, "--show-interactive-dev-session=false");
    for (const [name, value] of Object.entries(this.vars)) words.push("--var", `${name}:${value}`);
    const env = {
      ...process.env,
      CI: "1",
      NO_COLOR: "1",
      // The build is done; wrangler's own call only waits for one that is not through.
      POSTGATE_DEV_BUILDS: "1",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_REGISTRY_PATH: join(this.state, "registry"),
      WRANGLER_LOG_PATH: join(this.state, "logs"),
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      // wrangler's own traces, a row for each statement and call, take more of workerd than what they are of.
      X_LOCAL_OBSERVABILITY: "false",
    };
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    // A group of its own: killing it leaves neither wrangler nor workerd the time to tidy up.
    const options = { cwd: ROOT, env, detached: true, stdio: ["ignore", "pipe", "pipe"] };
    const child = (this.child = spawn(join(ROOT, "node_modules/.bin/node"), [wrangler, ...words], options));
    this.ended = new Promise((resolve) => child.on("exit", resolve));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.log += text));
    }
    try {
      await eventually(() => this.#serves(), () => `${config} to start:\n${this.log}`, START);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Whether it serves; fails where it never will. */
  async #serves() {
    const { config, health } = this.constructor;
    if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`${config} does not start:\n${this.log}`);
    const answer = await fetch(this.url + health).catch(() => undefined);
    const text = (await answer?.text().catch(() => undefined)) ?? "";
    // A setting that is wrong does not get better by waiting.
    if (text.startsWith('{"ok":false')) throw new Error(`${config} does not serve: ${JSON.parse(text).reasons.join(" ")}`);
    return answer?.ok;
  }

  /** kill -9, for wrangler and workerd at once. */
  async kill() {
    // Of one that a signal ended there is no code.
    if (this.child.exitCode === null && this.child.signalCode === null) process.kill(-this.child.pid, "SIGKILL");
    await this.ended;
  }

  /** Ends it, and removes its state. */
  async stop() {
    await this.kill();
    await rm(this.state, { recursive: true, force: true, maxRetries: 5 });
  }
}
