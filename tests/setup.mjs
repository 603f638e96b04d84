// What the tests of a file share: started in front of them, stopped behind the last one.

import { after } from "node:test";

const started = [];

/** Shares what is being started. Where it does not start, what runs already is stopped: Node then calls no hook. */
export async function shared(starting) {
  try {
    started.push(await starting);
  } catch (error) {
    await stop();
    throw error;
  }
  return started.at(-1);
}

async function stop() {
  while (started.length > 0) await started.pop().stop();
}

after(stop);
