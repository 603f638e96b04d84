// The gate's HTTP interface, as far as the form needs it.

const encoder = new TextEncoder();

/** How many messages, or refusals, come at a time: the most that there may be. */
const PAGE = 1_000;

/** Milliseconds before what got no answer is asked again: at first, at most, and how fast they grow. */
const PAUSE = { first: 1_000, most: 30_000, growth: 2 };

/** An answer that is no success: what the gate says, and the issues it says it about. */
export class Refusal extends Error {
  /** @param {number} [after] In how many seconds it may be asked again. */
  constructor(status, errors, after) {
    super(errors.map(({ message }) => message).join(" "));
    this.status = status;
    this.errors = errors;
    this.after = after;
  }

  /** Whether the same may get another answer soon. */
  get passes() {
    return (this.status >= 500 || this.status === 429) && !(this.after * 1_000 > PAUSE.most);
  }
}

/** No answer, or only a part of one. */
class Unanswered extends Error {}

/**
 * Asks until there is an answer that stays; `waiting` is told in front of each wait.
 *
 * @param {() => Promise<T>} ask
 * @param {AbortSignal} signal
 * @param {() => void} waiting
 * @returns {Promise<T>}
 * @template T
 */
export async function patiently(ask, signal, waiting) {
  for (let pause = PAUSE.first; ; pause = Math.min(pause * PAUSE.growth, PAUSE.most)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unanswered || error.passes)) throw error;
      waiting();
      await waited(error.after * 1_000 || pause, signal);
    }
  }
}

/** Waits, unless it is stopped. */
function waited(milliseconds, signal) {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** A caller with a key. */
export class Gate {
  #authorization;

  constructor(key, secret) {
    const pair = encoder.encode(`${key}:${secret}`);
    this.#authorization = `Basic ${btoa(String.fromCharCode(...pair))}`;
  }

  /**
   * Hands in a send; the id of its operation. Under one key it is sent once, however often it is handed in.
   *
   * @param {Blob} body
   * @param {{ key: string, defaultRegion?: string, lenient?: boolean }} how With `lenient`, recipients with errors are left
   *   out.
   */
  async send(body, { key, defaultRegion, lenient }) {
    const query = defaultRegion === undefined ? "" : `?${new URLSearchParams({ defaultRegion })}`;
    const response = await this.#fetch(`v1/Messages${query}`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key, ...(lenient && { prefer: "handling=lenient" }) },
      body,
    });
    const id = response.headers.get("operationId");
    if (id === null) throw new Refusal(response.status, [{ message: "The message was accepted, but the answer names no operation." }]);
    return id;
  }

  /** An operation as it is now. */
  async operation(id) {
    return this.#json(`v1/Messages/Operations/${encodeURIComponent(id)}`);
  }

  /** Takes back what of an operation is not sent; so many recipients as are canceled. */
  async cancel(id) {
    const { canceled } = await this.#json(`v1/Messages/Operations/${encodeURIComponent(id)}/Cancel`, { method: "POST" });
    return canceled;
  }

  /** A page of an operation's messages in a status, and the token of the next one, if there is one. */
  async messages(operationId, status, pageToken, signal) {
    const query = new URLSearchParams({ operationId, status, pageSize: PAGE, ...(pageToken && { pageToken }) });
    return paged(await this.#json(`v1/Messages?${query}`, { signal }));
  }

  /** The error of a message's last attempt, as the service has it; null where it has none, or is forgotten. */
  async errorOf(id, signal) {
    try {
      const { attempts = [] } = await this.#json(`v1/Messages/${encodeURIComponent(id)}`, { signal });
      return attempts.findLast(({ error }) => error)?.error ?? null;
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return null;
      throw error;
    }
  }

  /** A page of the refusals of an operation, and the token of the next one, if there is one. */
  async refusals(id, pageToken, signal) {
    const query = new URLSearchParams({ pageSize: PAGE, ...(pageToken && { pageToken }) });
    return paged(await this.#json(`v1/Messages/Operations/${encodeURIComponent(id)}/Errors?${query}`, { signal }));
  }

  async #json(path, init = {}) {
    const response = await this.#fetch(path, { ...init, cache: "no-store" });
    return answered(response.json(), init);
  }

  async #fetch(path, { headers, ...init }) {
    const asked = fetch(new URL(path, document.baseURI), {
      ...init,
      headers: { ...headers, accept: "application/json", authorization: this.#authorization },
      credentials: "omit",
    });
    const response = await answered(asked, init);
    const after = Number(response.headers.get("retry-after") ?? undefined);
    if (!response.ok) throw new Refusal(response.status, await errors(response), after || undefined);
    return response;
  }
}

/** What is answered, or comes of an answer; that none came, or was broken off, is told apart from what was stopped. */
async function answered(coming, { signal }) {
  try {
    return await coming;
  } catch (cause) {
    signal?.throwIfAborted();
    throw new Unanswered("There is no answer.", { cause });
  }
}

/** A page of a list, and the token of the next one, if there is one. */
function paged({ pagination, ...items }) {
  return { ...items, next: pagination?.next ?? undefined };
}

/** What an answer says went wrong; one that does not come from the gate has only its status. */
async function errors(response) {
  const { errors } = await response.json().catch(() => ({}));
  return errors ?? [{ message: `The answer was ${response.status} ${response.statusText}.` }];
}
