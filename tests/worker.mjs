// A Worker alone in real workerd: started with a state of its own, killed in the middle, started again.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { JSON_KEY, KEY, freePort, sleep } from "./gate.mjs";

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
    for (const start = Date.now(); ; await sleep(50)) {
      const answer = await fetch(this.url + health).catch(() => undefined);
      if (answer?.ok) return;
      const text = (await answer?.text().catch(() => undefined)) ?? "";
      if (answer?.status === 503 && text.startsWith('{"ok":false')) {
        // A setting that is wrong does not get better by waiting.
        await this.stop();
        throw new Error(`${config} does not serve: ${JSON.parse(text).reasons.join(" ")}`);
      }
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

  /** A call with the development key; `body` is sent as JSON unless it is bytes, text or a stream already. */
  call(method, path, body, options = {}) {
    const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
    const headers = { ...(body === undefined ? KEY : JSON_KEY), ...options.headers };
    const init = { method, body: raw ? body : JSON.stringify(body), redirect: "manual", duplex: "half", ...options, headers };
    return fetch(this.url + path, init);
  }

  /** The JSON of a call that has to succeed. */
  async json(method, path, body) {
    const answer = await this.call(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Hands a send in, and gives the operation's id. */
  async send(request, { query = "", headers } = {}) {
    const answer = await this.call("POST", `/v1/Messages${query}`, request, { headers });
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.headers.get("operationId");
  }

  /** An operation. */
  operation(id) {
    return this.json("GET", `/v1/Messages/Operations/${id}`);
  }

  /** An operation as soon as it is `done`. */
  async until(id, done = (operation) => operation.status === "COMPLETED", patience = 60_000) {
    for (const start = Date.now(); ; await sleep(50)) {
      const operation = await this.operation(id);
      if (done(operation)) return operation;
      if (Date.now() - start > patience) throw new Error(`still ${JSON.stringify(operation)}`);
    }
  }

  /** Turns its clock: `speed` and `advance`, in milliseconds. A restart is back in the machine's time. */
  clock(turn) {
    return this.json("POST", "/development/clock", turn);
  }

  /** The cron's round. */
  async round() {
    const answer = await fetch(`${this.url}/cdn-cgi/handler/scheduled`);
    if ((await answer.text()) !== "ok") throw new Error(`the round: ${answer.status}`);
  }

  /** What it logged of an event. */
  logged(event) {
    const lines = this.log.split("\n").filter((line) => line.includes(`"event":"${event}"`));
    return lines.map((line) => JSON.parse(line.slice(line.indexOf("{"), line.lastIndexOf("}") + 1)));
  }

  /** Looks into the storage of its objects of a class, one after another; `change` may write, while it does not run. */
  stored(kind, look, { change = false } = {}) {
    return databases(this.#objects(kind), (name) => name !== ALARMS, look, change);
  }

  /** How many rows the tables of every send's object have, as they are at one moment. */
  rows() {
    return this.stored("Operation", (database) => {
      database.exec("BEGIN");
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all().map(({ name }) => name);
      // Those of the platform begin otherwise.
      const own = tables.filter((name) => /^[a-z]/.test(name) && !name.startsWith("sqlite_"));
      return Object.fromEntries(own.map((name) => [name, database.prepare(`SELECT count(*) AS n FROM "${name}"`).get().n]));
    });
  }

  /** Takes the alarms of its objects of a class away, while it does not run. */
  loseAlarms(kind) {
    this.stored(kind, (database) => database.exec("DELETE FROM _cf_METADATA"), { change: true });
    databases(this.#objects(kind), (name) => name === ALARMS, (database) => database.exec("DELETE FROM _cf_ALARM"), true);
  }

  #objects(kind) {
    return join(this.state, "v3/do", `postgate-${kind}`);
  }
}

/** Where workerd keeps what it is to wake of a class; each object has the same in a database of its own. */
const ALARMS = "metadata.sqlite";

function databases(folder, which, look, change) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sqlite") && which(name));
  return names.map((name) => {
    const database = opened(join(folder, name), !change);
    try {
      return look(database);
    } finally {
      database.close();
    }
  });
}

/** While workerd takes a database up or lays it down, it cannot be opened for a moment. */
function opened(file, readOnly) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; ; tries += 1) {
    try {
      return new DatabaseSync(file, { readOnly, timeout: 5_000 });
    } catch (error) {
      if (tries === 50) throw error;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}
