// The edge alone in real workerd, its clock, its log, and what lies in its storage.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { eventually } from "./waiting.mjs";
import { LocalWorker } from "./worker.mjs";

/** The edge; its sandbox, if there is one, is a program of its own. */
export class Edge extends LocalWorker {
  static config = "wrangler.toml";
  static health = "/health";
  static key = { authorization: `Basic ${btoa("dev:dev")}` };

  /** What is known of an idempotency key. */
  underKey(key) {
    return this.call("GET", `/v1/Messages/Operations?idempotencyKey=${encodeURIComponent(key)}`);
  }

  /** Begins a send of so many bytes under a key, as far as they are `sent`, and waits until the edge holds the key for it. */
  async hold(key, length, sent) {
    const intake = this.begin("POST", "/v1/Messages", { length, fields: [`Idempotency-Key: ${key}`] }, sent);
    await eventually(async () => (await this.underKey(key)).status === 409, () => `the key ${key} to be held; ${intake.text}`);
    return intake;
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
    // Behind the last end of a line may be half of one.
    const lines = this.log.split("\n").slice(0, -1).filter((line) => line.includes(`"event":"${event}"`));
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
  return names.map((name) => looked(join(folder, name), look, !change));
}

/** While workerd takes a database up or lays it down, it cannot be read for a moment. */
function looked(file, look, readOnly) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; ; tries += 1) {
    let database;
    try {
      database = new DatabaseSync(file, { readOnly, timeout: 5_000 });
      return look(database);
    } catch (error) {
      if (tries === 100) throw error;
      Atomics.wait(pause, 0, 0, 20);
    } finally {
      database?.close();
    }
  }
}
