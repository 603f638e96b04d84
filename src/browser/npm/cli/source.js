// Files and standard input, piece by piece and as often as they are asked for.

import { createReadStream } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readable, utf8 } from "./usage.js";

/** How much is read at a time. */
const PIECE = 1 << 20;
/** Most of standard input that is kept in memory. */
const KEPT = 16 << 20;

/** What is to be read: its name for people, its size where that is known, and a stream of it, as often as one likes. */
export async function source(file, use) {
  if (file === "-") return spooled("standard input", process.stdin, use);
  const found = readable(file);
  const stream = () => createReadStream(file, { highWaterMark: PIECE });
  // A pipe, such as a shell's <(command), comes once, like standard input.
  return found.isFile() ? use({ name: file, size: found.size, stream }) : spooled(file, stream(), use);
}

/** What comes once; what is more than a little of it waits in a file that nobody else can read. */
async function spooled(name, stream, use) {
  const kept = [];
  let size = 0;
  let folder;
  let spool;
  try {
    for await (const piece of stream) {
      size += piece.length;
      if (size > KEPT && spool === undefined) {
        folder = await mkdtemp(join(tmpdir(), "postgate-"));
        spool = await open(join(folder, "input"), "wx+", 0o600);
        // Without a name it goes with this process, however that ends. Where names of open files stay, it goes below.
        await rm(folder, { recursive: true, force: true }).catch(() => {});
        for (const before of kept.splice(0)) await spool.write(before);
      }
      if (spool === undefined) kept.push(piece);
      else await spool.write(piece);
    }
    const again = () => spool.createReadStream({ start: 0, autoClose: false, highWaterMark: PIECE });
    return await use({ name, size, stream: () => (spool === undefined ? kept : again()) });
  } finally {
    await spool?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** A whole text; one line end after it, which editors write, is no part of it. */
export async function text(file) {
  const pieces = [];
  if (file === "-") for await (const piece of process.stdin) pieces.push(piece);
  else if (readable(file)) pieces.push(await readFile(file));
  return utf8(Buffer.concat(pieces), file).replace(/\r?\n$/, "");
}
