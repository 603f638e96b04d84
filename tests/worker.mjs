// A Worker alone in real workerd: started with a state of its own, killed in the middle, started again.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, sleep } from "./gate.mjs";

const ROOT = new URL("..", import.meta.url).pathname;
const START = 300_000;

/** A running Worker. `cargo xtask build` has to have made it. */
export class LocalWorker {
  /** Its wrangler.toml, and the path that answers once it runs. */
  static config;
  static health;

  /** Starts one; `vars` are settings in the place of those in its wrangler.toml. */
  static async start({ vars = {} } = {}) {
    const worker = new this(await mkdtemp(join(tmpdir(), "postgate-worker-")), await freePort(), vars);
    await worker.run();
    return worker;
  }

  constructor(state, port, vars) {
    Object.assign(this, { state, port, vars, log: "", url: `http://127.0.0.1:${port}` });
  }

  /** Starts the program, on the port and the state it had. */
  async run() {
    const { config, health } = this.constructor;
    const words = ["dev", "--ip", "127.0.0.1", "--port", String(this.port), "--inspector-port", String(await freePort())];
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
    };
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    // A group of its own: killing it leaves neither wrangler nor workerd the time to tidy up.
    const options = { cwd: ROOT, env, detached: true, stdio: ["ignore", "pipe", "pipe"] };
    const child = (this.child = spawn(join(ROOT, "node_modules/.bin/node"), [wrangler, ...words], options));
    this.ended = new Promise((resolve) => child.on("exit", resolve));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.log += text));
    }
    for (const start = Date.now(); ; await sleep(50)) {
      if (await fetch(this.url + health).then((answer) => answer.ok, () => false)) return;
      if (child.exitCode !== null || Date.now() - start > START) throw new Error(`${config} does not start:\n${this.log}`);
    }
  }

  /** kill -9, for wrangler and workerd at once. */
  async kill() {
    process.kill(-this.child.pid, "SIGKILL");
    await this.ended;
  }

  /** Ends it, and removes its state. */
  async stop() {
    await this.kill();
    await rm(this.state, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The edge; its sandbox, if there is one, is a program of its own. */
export class Edge extends LocalWorker {
  static config = "wrangler.toml";
  static health = "/health";
}
