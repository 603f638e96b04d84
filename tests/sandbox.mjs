// The sandbox alone in real workerd.

import { sleep } from "./gate.mjs";
import { LocalWorker } from "./worker.mjs";

/** The sandbox's key, as a request carries it. */
export const KEY = { authorization: `Basic ${btoa("sandbox:sandbox")}` };

/** A running sandbox. */
export class Sandbox extends LocalWorker {
  static config = "src/sandbox/wrangler.toml";
  static health = "/sandbox/health";

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
