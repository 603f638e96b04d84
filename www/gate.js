// The gate's HTTP interface, as far as the form needs it.

const encoder = new TextEncoder();

/** An answer that is no success: what the gate says, and the issues it says it about. */
export class Refusal extends Error {
  constructor(status, errors) {
    super(errors.map(({ message }) => message).join(" "));
    this.status = status;
    this.errors = errors;
  }
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
    if (id === null) throw new Refusal(response.status, [{ message: "The message was taken, but no operation was named." }]);
    return id;
  }

  /** An operation as it is now. */
  async operation(id) {
    const response = await this.#fetch(`v1/Messages/Operations/${encodeURIComponent(id)}`, { cache: "no-store" });
    return response.json();
  }

  /** Takes back what of an operation is not sent; so many recipients as are canceled. */
  async cancel(id) {
    const response = await this.#fetch(`v1/Messages/Operations/${encodeURIComponent(id)}/Cancel`, { method: "POST" });
    const { canceled } = await response.json();
    return canceled;
  }

  async #fetch(path, { headers, ...init }) {
    const response = await fetch(new URL(path, document.baseURI), {
      ...init,
      headers: { ...headers, accept: "application/json", authorization: this.#authorization },
      credentials: "omit",
    });
    if (!response.ok) throw new Refusal(response.status, await errors(response));
    return response;
  }
}

/** What an answer says went wrong; one that does not come from the gate has only its status. */
async function errors(response) {
  const { errors } = await response.json().catch(() => ({}));
  return errors ?? [{ message: `The answer was ${response.status} ${response.statusText}.` }];
}
