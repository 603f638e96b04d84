// Chance that is the same in every run.

/** Gives whole numbers from 0 up to below a limit, the same for the same seed (xorshift32). */
export function random(seed) {
  let state = seed || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
