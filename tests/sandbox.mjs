// The sandbox alone in real workerd, and the test door to what it has accepted.

import { LocalWorker } from "./worker.mjs";

/** A running sandbox. */
export class Sandbox extends LocalWorker {
  static config = "src/sandbox/wrangler.toml";
  static health = "/sandbox/health";
  static key = { authorization: `Basic ${btoa("sandbox:sandbox")}` };

  /** What it has accepted, in order. */
  received() {
    return this.json("GET", "/sandbox/requests");
  }

  /** The body of the n-th request. */
  body(n) {
    return this.json("GET", `/sandbox/requests/${n}/body`);
  }

  /** How often it was sent to each of these recipients, over all that it ever accepted. */
  async times(recipients) {
    const counts = new Map(recipients.map(({ address }) => [address, 0]));
    for (const { n } of await this.received()) {
      const { to } = await this.body(n);
      for (const { address } of to) if (counts.has(address)) counts.set(address, counts.get(address) + 1);
    }
    return [...counts.values()];
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
