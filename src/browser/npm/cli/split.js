// postgate split --out DIR FILE

import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Checker } from "../node.js";
import { source } from "./source.js";
import { count, watched } from "./terminal.js";
import { JUDGING, JUDGING_HELP, judging, PRIVATE, read, Usage } from "./usage.js";
import { isClean, json, print } from "./verdict.js";

/** Where batches lie that count for nothing yet, also those of a run that was broken off. */
const UNFINISHED = ".unfinished";
/** A folder that is made is as private as what comes into it. */
const FOLDER = PRIVATE | 0o100;

const OWN = { out: { type: "string" }, json: { type: "boolean" } };

export const split = {
  summary: "split a request into those that the Communications API takes",
  help: `postgate split --out DIR [OPTIONS] FILE

Writes DIR/batch-000001.json and so on, each the body of one request, in order. Nothing is written if there is an error.

  --out DIR                an empty folder; it is made where there is none
  --json                   print the verdict as JSON, and in it what was found in a table
${JUDGING_HELP}`,

  async run(words) {
    const { values, file } = read(words, { ...JUDGING, ...OWN });
    if (values.out === undefined) throw new Usage("Say with --out which folder the batches go to.");
    const options = judging(values, Object.keys(OWN), "split");
    await mkdir(values.out, { recursive: true, mode: FOLDER });
    const there = await readdir(values.out);
    if (there.some((name) => name !== UNFINISHED)) throw new Usage(`The folder ${values.out} is not empty.`);
    return source(file, async (input) => {
      const unfinished = join(values.out, UNFINISHED);
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { mode: FOLDER });
      try {
        const { result, names } = await write(input, options, unfinished);
        const clean = isClean(result);
        if (clean) for (const name of names) await rename(join(unfinished, name), join(values.out, name));
        if (values.json) console.log(json(result));
        else print(input.name, result);
        if (clean && !values.json) console.log(`${count(names.length, "batch", "batches")} in ${values.out}`);
        return clean ? 0 : 1;
      } finally {
        await rm(unfinished, { recursive: true, force: true });
      }
    });
  },
};

/** Writes each batch as soon as it is whole; they count for nothing before the verdict is ok. */
async function write(input, options, folder) {
  const checker = new Checker({ ...options, batches: "early" });
  const names = [];
  const take = async () => {
    for (const body of checker.batches()) {
      const name = `batch-${String(names.length + 1).padStart(6, "0")}.json`;
      await writeFile(join(folder, name), body, { mode: PRIVATE, flag: "wx" });
      names.push(name);
    }
  };
  try {
    for (let pass = 1, again = true; again; pass += 1) {
      for await (const piece of watched(input, pass)) {
        checker.push(piece);
        await take();
      }
      ({ again } = checker.finish());
    }
    await take();
    const { verdict, table, rowLines } = checker;
    return { result: { verdict, table, row: (index) => checker.row(index), rowLines }, names };
  } finally {
    checker.dispose();
  }
}
