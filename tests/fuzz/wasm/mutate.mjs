// `cargo xtask fuzz --wasm`: mutations of the corpora inside of wasm, from a seed, for some seconds a target.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { random } from '../../random.mjs';
import { corpus, holds, targets } from './module.mjs';

const LONGEST = 4096;
const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));

const lines = readFileSync(new URL('../words.dict', import.meta.url), 'utf8').split('\n');
const words = lines
  .map((line) => /^"(.*)"$/.exec(line)?.[1])
  .filter((word) => word !== undefined)
  .map((word) => word.replace(/\\x(..)|\\(.)/g, (_, hex, sign) => (hex ? String.fromCharCode(parseInt(hex, 16)) : sign)))
  .map((word) => Uint8Array.from(word, (sign) => sign.charCodeAt(0)));

/** Some bytes in the place of `cut` others. */
function spliced(bytes, at, cut, put) {
  const whole = new Uint8Array(Math.min(bytes.length - cut + put.length, LONGEST));
  whole.set(bytes.subarray(0, at));
  whole.set(put.subarray(0, whole.length - at), at);
  const rest = bytes.subarray(at + cut);
  whole.set(rest.subarray(0, Math.max(0, whole.length - at - put.length)), Math.min(at + put.length, whole.length));
  return whole;
}

/** Some bytes with one to four changes. */
function mutated(bytes, next, other) {
  let changed = bytes.slice(0, LONGEST);
  for (let left = 1 + next(4); left > 0; left -= 1) {
    const at = next(changed.length + 1);
    const some = Math.min(next(32), changed.length - at);
    switch (next(6)) {
      case 0:
        if (at < changed.length) changed[at] ^= 1 << next(8);
        break;
      case 1:
        changed = spliced(changed, at, some, new Uint8Array());
        break;
      case 2:
        changed = spliced(changed, at, 0, words[next(words.length)]);
        break;
      case 3: {
        const begin = next(other.length + 1);
        changed = spliced(changed, at, some, other.subarray(begin, begin + next(256)));
        break;
      }
      case 4: {
        // The same again, many times: what goes deep, or takes time that grows too fast.
        const unit = changed.slice(at, at + some);
        for (let times = next(64); times > 0 && unit.length > 0; times -= 1) changed = spliced(changed, at, 0, unit);
        break;
      }
      default:
        changed = spliced(changed, at, Math.min(1, changed.length - at), Uint8Array.of(next(256)));
    }
  }
  return changed;
}

console.log(`seed ${seed}`);
for (const target of positionals.length ? positionals : targets) {
  const [files, next] = [corpus(target).map(([, bytes]) => bytes), random(seed)];
  const end = performance.now() + Number(values.seconds) * 1000;
  let count = 0;
  let slowest = 0;
  for (; performance.now() < end; count += 1) {
    const bytes = mutated(files[next(files.length)], next, files[next(files.length)]);
    const began = performance.now();
    try {
      holds(target, bytes);
    } catch (error) {
      const folder = new URL(`../../../target/fuzz/broke/${target}/`, import.meta.url);
      mkdirSync(folder, { recursive: true });
      writeFileSync(new URL(`wasm-${seed}-${count}`, folder), bytes);
      console.error(`${target} does not hold; its bytes are target/fuzz/broke/${target}/wasm-${seed}-${count}`);
      throw error;
    }
    slowest = Math.max(slowest, performance.now() - began);
  }
  console.log(`${target}: ${count} executions in wasm, the slowest took ${slowest.toFixed(0)} ms`);
}
