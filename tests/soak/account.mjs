// The account of a soak: everybody who was in a send that was taken was received once, or its report says why not.

import { recipient } from "./traffic.mjs";

/** What the sandbox received: by recipient how often, and by the reserved tag of a batch its operation. */
export async function received(sandbox, people) {
  const [times, batches] = [new Uint8Array(people), new Map()];
  for (const { n, operationId } of await sandbox.received()) {
    const { to, tags } = await sandbox.body(n);
    batches.set(tags["postgate.batch"], operationId);
    for (const { address } of to) times[recipient(address)] += 1;
  }
  return { times, batches };
}

/** What is wrong with a send, by its operation and how often each of its recipients was received. */
export function compared(send, operation, times) {
  const { first, count, bad, id } = send;
  const wrong = (what) => `the send of ${count} from ${first} on, ${id}: ${what}`;
  const { status, stats, postgate } = operation;
  if (!["COMPLETED", "CANCELED"].includes(status)) return [wrong(`is ${status}, ${JSON.stringify(postgate)}`)];
  const problems = [];
  if (stats.total !== count) problems.push(wrong(`has ${stats.total} recipients`));
  if ((postgate.refusedRows ?? 0) !== bad) problems.push(wrong(`has ${postgate.refusedRows} refused rows, not ${bad}`));
  let row = 0;
  for (const { first: from, recipients, is } of postgate.parts) {
    if (from !== row) problems.push(wrong(`has a part from ${from} on, where one from ${row} on is next`));
    row = from + recipients;
    const expected = { accepted: 1, refused: 0, canceled: 0, expired: 0 }[is];
    const seen = times.subarray(first + from, first + row);
    const odd = seen.findIndex((count) => count !== expected);
    if (odd >= 0) problems.push(wrong(`its recipient ${from + odd} is ${is} and was received ${seen[odd]} times`));
  }
  if (row !== count) problems.push(wrong(`its parts have ${row} recipients`));
  return problems;
}

/** What is wrong with a send whose answer was lost, or that was refused: nobody was received twice, or at all. */
export function unanswered({ first, count, is }, times) {
  const seen = new Set(times.subarray(first, first + count));
  const allowed = is === "lost" ? [0, 1] : [0];
  return [...seen].every((times) => allowed.includes(times)) ? [] : [`the send of ${count} from ${first} on, ${is}: received ${[...seen]} times`];
}
