// Waiting, which has an end: what does not come in time is named.

/** How long something may take, in milliseconds, on a machine that has more to do. */
export const PATIENCE = 60_000;

/** Waits for a time, where nothing can be waited for: to see that something does not happen. */
export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What comes of a promise, unless that takes too long; `what` names it, as words or a function that gives them. */
export async function within(promise, what, patience = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    const told = () => (typeof what === "function" ? what() : what);
    timer = setTimeout(() => reject(new Error(`not in ${patience / 1_000} s: ${told()}`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What `look` gives as soon as it is neither false nor nothing. */
export function eventually(look, what, patience = PATIENCE) {
  let over = false;
  const looking = async () => {
    for (; !over; await sleep(30)) {
      const seen = await look();
      if (seen) return seen;
    }
  };
  return within(looking(), what, patience).finally(() => (over = true));
}
