// The module's instance: one at a time, and a new one where the old one cannot be trusted or has grown large.

import { PostgateError } from "./error.js";
import { __wbg_reset_state as restart, initSync } from "./glue.js";

/** An instance never gives memory back, so one that has come to hold more is let go. */
const MOST_MEMORY = 64 * 1024 * 1024;

let broken = false;

function renew() {
  broken = true;
  restart();
  broken = false;
}

/** Calls into the instance. One that trapped, or was left by a foreign exception, is never called again. */
export function call(run) {
  if (broken) renew();
  let result;
  try {
    result = run();
  } catch (error) {
    if (error instanceof PostgateError) throw error;
    broken = true;
    throw new PostgateError("trap", "The module stopped in the middle of this call; the next one gets a new instance.", {
      cause: error,
    });
  }
  // Called on a running module, initSync only answers the exports in use.
  if (initSync().memory.buffer.byteLength > MOST_MEMORY) renew();
  return result;
}
