// Requests for tests that look for their recipients in what was sent.

let [people, senders] = [0, 0];

/** A request whose recipients, sender and text no other has; `more` is put over it. */
export function request(count = 1, more = {}) {
  const to = Array.from({ length: count }, () => ({ address: `+1415${2_000_000 + people++}`, channel: "PHONE" }));
  const from = { address: `+1501712${String(4_000 + senders++).padStart(4, "0")}`, channel: "SMS" };
  return { to, from, content: { text: `Hello ${senders}` }, ...more };
}
