// The module's instance: one at a time, and a new one where the old one cannot be trusted or has grown large.

import { PostgateError } from "./error.js";
import { __wbg_reset_state as restart, initSync } from "./glue.js";

/** An instance never gives memory back, so one that has come to hold more is let go. */
const MOST_MEMORY = 64 * 1024 * 1024;

let broken = false;
/** Which instance this is, and how many objects live in it. */
let current = 0;
let living = 0;

function renew() {
  broken = true;
  restart();
  broken = false;
  current += 1;
  living = 0;
}

/** Calls into the instance. One that trapped, or was left by a foreign exception, is never called again. */
export function call(run) {
  if (broken) renew();
  return guarded(run);
}

function guarded(run) {
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
  if (living === 0 && initSync().memory.buffer.byteLength > MOST_MEMORY) renew();
  return result;
}

/** An object that lives in the instance, and keeps it from being let go for its size. */
export class Resident {
  #object;
  #instance;

  constructor(make) {
    living += 1;
    try {
      this.#object = call(make);
    } catch (error) {
      living = Math.max(0, living - 1);
      throw error;
    }
    this.#instance = current;
  }

  get #lost() {
    return broken || this.#instance !== current;
  }

  /** Calls the object, as `call` does. */
  call(run) {
    if (this.#lost) {
      throw new PostgateError("instance-lost", "The module has stopped since, and what it held is gone; begin again.");
    }
    return guarded(() => run(this.#object));
  }

  /** Lets the object go. */
  free() {
    if (this.#object === undefined) return;
    const object = this.#object;
    this.#object = undefined;
    if (this.#lost) return;
    living -= 1;
    guarded(() => object.free());
  }
}
