// Interleaved rounds and what is said of them. Ratios are of medians of the same run. Runs in a page, too.

import equal from "fast-deep-equal";

/** How long nothing runs before each measurement, in milliseconds. */
const REST = 20;

/**
 * Collects what the side before has left. The engine clears it away on other threads, and gives the memory back: without a
 * rest, that falls into the time of the next side, the more the shorter that is.
 */
async function cleared() {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, REST));
}

/** Runs all sides in turn, each round from another first one, after some rounds that do not count. */
export async function rounds(sides, count) {
  const names = Object.keys(sides);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  const warm = Math.max(3, Math.ceil(count / 4));
  for (let round = -warm; round < count; round += 1) {
    for (let at = 0; at < names.length; at += 1) {
      const name = names[(((at + round) % names.length) + names.length) % names.length];
      await cleared();
      const began = performance.now();
      sides[name]();
      const took = performance.now() - began;
      if (round >= 0) times[name].push(took);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summary(times[name])]));
}

export function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], least: sorted[0], most: sorted.at(-1) };
}

/** Fails when two sides do not come to the same. */
export function same(what, expected, found) {
  if (!equal(expected, found)) throw new Error(`${what}: the sides come to different results`);
}

/** The same in microseconds for each of so many. */
export function each(measured, count) {
  const spread = (times) => Object.fromEntries(Object.entries(times).map(([key, time]) => [key, (time * 1_000) / count]));
  return Object.fromEntries(Object.entries(measured).map(([side, times]) => [side, spread(times)]));
}

const shown = (time) => (time < 0.01 ? time.toFixed(5) : time < 1 ? time.toFixed(3) : time.toFixed(2));

/** Says before a table what each side does. */
export function sides(title, what) {
  console.log(`\n${title}`);
  for (const [name, does] of Object.entries(what)) console.log(`  ${name}: ${does}`);
}

/** A table: each side's median, spread, and how often the first side's median fits into it. */
export function table(title, measured, { unit = "ms", goals = {} } = {}) {
  console.log(`\n${title}`);
  const [first] = Object.values(measured);
  const width = Math.max(50, ...Object.keys(measured).map((name) => name.length + 1));
  for (const [name, { median, least, most }] of Object.entries(measured)) {
    const ratio = median / first.median;
    const goal = goals[name] ? `  goal ${goals[name]}×: ${ratio >= goals[name] ? "reached" : "MISSED"}` : "";
    const spread = `[${shown(least)}–${shown(most)}]`;
    console.log(`  ${name.padEnd(width)}${shown(median).padStart(9)} ${unit} ${spread.padEnd(18)}${ratio.toFixed(2).padStart(8)}×${goal}`);
  }
}
