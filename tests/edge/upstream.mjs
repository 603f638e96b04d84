// An upstream that answers what a test tells it to and notes what it was asked: for what the sandbox, which keeps to the
// contract, would not say.

import { createServer } from "node:http";

/** An upstream on a free port of this machine. */
export class Upstream {
  /** What came, in order: method, url, headers, body. */
  requests = [];
  /**
   * Answers by `METHOD /path`, without the query: { status, headers, body }, or a function of the request that gives one,
   * at once or later.
   */
  answers = new Map();
  #sends = 0;

  static async start() {
    const upstream = new Upstream();
    upstream.server = createServer((request, response) => upstream.#answer(request, response));
    await upstream.listen(0);
    upstream.url = `http://127.0.0.1:${upstream.server.address().port}/v1`;
    return upstream;
  }

  /** Listens on a port; behind `stop`, on the one that it had: nothing else has come there in such a short time. */
  listen(port = Number(new URL(this.url).port)) {
    return new Promise((resolve, reject) => this.server.once("error", reject).listen(port, "127.0.0.1", resolve));
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Forgets what came and what is to be answered; what it does not have is then nowhere in its lists. */
  forget() {
    this.requests.length = 0;
    this.answers.clear();
    this.answers.set("GET /v1/Messages", { body: { messages: [] } });
    this.answers.set("GET /v1/Messages/Operations", { body: { operations: [] } });
  }

  /** What came for a method and a path, whatever the query. */
  asked(method, path) {
    return this.requests.filter((asked) => asked.method === method && asked.url.split("?")[0] === path);
  }

  /** The sends that came. */
  posts() {
    return this.asked("POST", "/v1/Messages").map(({ body }) => JSON.parse(body));
  }

  /** The id of the n-th operation that it made. */
  static id(n) {
    return `comms_operation_0${String(n).padStart(25, "0")}`;
  }

  async #answer(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const asked = { method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces) };
    this.requests.push(asked);
    const answer = this.answers.get(`${asked.method} ${asked.url.split("?")[0]}`) ?? this.#usual(asked);
    const { status = 200, headers = {}, body = "" } = typeof answer === "function" ? await answer(asked) : answer;
    const text = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  }

  /** Takes every send and has it delivered at once; anything else is not there. */
  #usual({ method, url }) {
    if (method === "POST" && url === "/v1/Messages") {
      return { status: 202, headers: { operationId: Upstream.id(this.#sends++) } };
    }
    const [, id] = /^\/v1\/Messages\/Operations\/(\w+)$/.exec(url) ?? [];
    if (id) {
      const now = new Date().toISOString();
      const stats = { total: 1, recipients: 1, attempts: 1, delivered: 1 };
      return { body: { id, status: "COMPLETED", stats, createdAt: now, updatedAt: now } };
    }
    return { status: 404, body: { errors: [{ code: 20404, message: "There is none.", context: "null" }] } };
  }
}
