// A client of the API, which is the same at the edge and at the sandbox, but for what is the edge's own.

import { connect } from "node:net";

import { PATIENCE, eventually, within } from "./waiting.mjs";

/** Whoever calls an API at `url`, with a key as a request carries it. */
export class Client {
  constructor(url, key) {
    Object.assign(this, { url, key });
  }

  /**
   * A call; `body` is sent as JSON unless it is bytes, text or a stream already. `key` is another one's, {} for none, and
   * `patience` what the answer may take; the other options are fetch's.
   */
  call(method, path, body, { key = this.key, headers, patience = 2 * PATIENCE, ...options } = {}) {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const raw = ["undefined", "string"].includes(typeof body) || body instanceof Uint8Array || body instanceof ReadableStream;
    const init = { method, body: raw ? body : JSON.stringify(body), redirect: "manual", duplex: "half", ...options };
    const calling = fetch(this.url + path, { ...init, headers: { ...key, ...type, ...headers } });
    return within(calling, `the answer to ${method} ${path}`, patience);
  }

  /** The JSON of a call that has to succeed. */
  async json(method, path, body, options) {
    const answer = await this.call(method, path, body, options);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Hands a send in, whatever becomes of it; `path` may be that of a dry run, or have a query. */
  post(body, { path = "/v1/Messages", ...options } = {}) {
    return this.call("POST", path, body, options);
  }

  /** Hands a send in that has to be taken; the operation's id. */
  async send(body, { query = "", ...options } = {}) {
    const answer = await this.post(body, { path: `/v1/Messages${query}`, ...options });
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.headers.get("operationId");
  }

  /** An operation. */
  operation(id, options) {
    return this.json("GET", `/v1/Messages/Operations/${id}`, undefined, options);
  }

  /** An operation as soon as it is `done`. */
  until(id, done = ({ status }) => status === "COMPLETED", patience = PATIENCE, options = {}) {
    let operation;
    const look = async () => {
      operation = await this.operation(id, options);
      return done(operation) && operation;
    };
    return eventually(look, () => `the operation to be otherwise than ${JSON.stringify(operation)}`, patience);
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

  /** Begins a request over a connection of its own, whose body, of an announced length, may come later or never. */
  begin(method, path, { length, fields = [], key = this.key }, beginning = "") {
    const head = [...fields, "Content-Type: application/json", `Content-Length: ${length}`];
    const connection = this.raw(method, path, head, key);
    connection.socket.write(beginning);
    return connection;
  }

  /** Sends the head of a request as it stands, over a connection of its own. */
  raw(method, path, fields = [], key = this.key) {
    const connection = new Connection(this.url);
    const authorization = key.authorization ? [`Authorization: ${key.authorization}`] : [];
    connection.socket.write([`${method} ${path} HTTP/1.1`, "Host: gate", ...authorization, ...fields, "", ""].join("\r\n"));
    return connection;
  }
}

/** A connection for what fetch would not send. */
class Connection {
  /** What was answered so far. */
  text = "";
  #over = false;
  #error;

  constructor(url) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname).setEncoding("utf8");
    this.socket.on("data", (text) => (this.text += text));
    this.socket.on("error", (error) => (this.#error = error)).on("close", () => (this.#over = true));
  }

  /** What is answered, once that is `whole`, by default an envelope of errors, or the other side ends it; then it is closed. */
  async answer(whole = (text) => text.includes('"omitted":0}'), patience = PATIENCE) {
    await eventually(() => this.#over || whole(this.text), () => `an answer, of which came "${this.text}"`, patience);
    this.close();
    if (this.text === "" && this.#error) throw this.#error;
    return this.text;
  }

  /** Ends it, whatever is under way. */
  close() {
    this.socket.destroy();
  }
}
