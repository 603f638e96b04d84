// The sandbox alone in real workerd: started with a state of its own, killed in the middle, started again.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, sleep } from "./gate.mjs";

const ROOT = new URL("..", import.meta.url).pathname;
const START = 300_000;

/** The sandbox's key, as a request carries it. */
export const KEY = { authorization: `Basic ${btoa("sandbox:sandbox")}` };

/** A running sandbox. `cargo xtask build sandbox` has to have made it. */
export class Sandbox {
  /** Starts one; `vars` are settings in the place of those in its wrangler.toml. */
  static async start({ vars = {} } = {}) {
    const sandbox = new Sandbox(await mkdtemp(join(tmpdir(), "postgate-sandbox-")), await freePort(), vars);
    await sandbox.run();
    return sandbox;
  }

  constructor(state, port, vars) {
    Object.assign(this, { state, port, vars, url: `http://127.0.0.1:${port}` });
  }

  /** Starts the program, on the port and the state it had. */
  async run() {
    const words = ["dev", "--ip", "127.0.0.1", "--port", String(this.port), "--inspector-port", String(await freePort())];
    words.push("--config", "src/sandbox/wrangler.toml", "--persist-to", this.state, "--show-interactive-dev-session=false");
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
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
    for (const start = Date.now(); ; await sleep(50)) {
      if (await fetch(`${this.url}/sandbox/health`).then((answer) => answer.ok, () => false)) return;
      if (child.exitCode !== null || Date.now() - start > START) throw new Error(`the sandbox does not start:\n${log}`);
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

  /** A call of the API, or of the test door; `body` is sent as JSON unless it is bytes or text already. */
  call(method, path, body, options = {}) {
    const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const headers = { ...KEY, ...(body === undefined ? {} : { "content-type": "application/json" }), ...options.headers };
    const init = { method, body: raw ? body : JSON.stringify(body), redirect: "manual", ...options, headers };
    return fetch(this.url + path, init);
  }

  /** The JSON of a call that has to succeed. */
  async json(method, path, body) {
    const answer = await this.call(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Sends, and gives the operation's id. */
  async send(request) {
    const answer = await this.call("POST", "/v1/Messages", request);
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

  /** All items of a list, page by page. */
  async list(path, resource, query = {}) {
    const items = [];
    for (let token; token !== null; ) {
      const search = new URLSearchParams({ ...query, ...(token && { pageToken: token }) });
      const page = await this.json("GET", `${path}?${search}`);
      items.push(...page[resource]);
      token = page.pagination.next;
    }
    return items;
  }

  /** Sets rules of unkindness in the place of those there are. */
  async unkind(...rules) {
    await this.call("DELETE", "/sandbox/unkindness");
    return this.json("POST", "/sandbox/unkindness", { rules });
  }
}

/** A small request; `more` is put over it. */
export function request(recipients = 1, more = {}) {
  const row = (index) => ({ address: `+1415555${String(index).padStart(4, "0")}`, channel: "PHONE" });
  const to = Array.from({ length: recipients }, (_, index) => row(index));
  return { to, content: { text: "Hello" }, ...more };
}
