// The corpora of the fuzz targets inside of wasm.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { corpus, holds, targets } from './module.mjs';

for (const target of targets) {
  test(`${target} holds in wasm for its corpus`, () => {
    const files = corpus(target);
    assert.ok(files.length >= 20, `the corpus has only ${files.length} files`);
    for (const [name, bytes] of files) {
      assert.doesNotThrow(() => holds(target, bytes), `${target}/${name}`);
    }
  });
}
