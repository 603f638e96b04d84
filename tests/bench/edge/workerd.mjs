// What the workerd of a started Worker takes, read from /proc.

import { readFileSync, readdirSync } from "node:fs";

import { sleep } from "../../waiting.mjs";

/** Clock ticks of Linux, a second. */
const TICKS = 100;
/** Milliseconds for which a workerd has to do nothing, or next to nothing, and how long that is waited for. */
const PAUSE = 500;
const PATIENCE = 60_000;

/** Of the two that wrangler starts, a proxy and the Worker, the one that has needed more memory: CPU seconds, and MB. */
export function taken(worker) {
  const found = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
      const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
      if (Number(fields[2]) !== worker.child.pid || name !== "workerd") return undefined;
      const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1_024;
      return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, peak };
    } catch {
      // A process that has just ended.
      return undefined;
    }
  });
  return found.filter((one) => one !== undefined).reduce((most, one) => (one.peak > most.peak ? one : most));
}

/** Waits until a Worker has done what it does after its answers. */
export async function quiet(worker) {
  const began = performance.now();
  for (let before = taken(worker).cpu; performance.now() - began < PATIENCE; ) {
    await sleep(PAUSE);
    const { cpu } = taken(worker);
    if (cpu - before <= 0.02) return;
    before = cpu;
  }
}
