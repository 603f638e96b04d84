// Where recipients come from: what was written, or a file.

const encoder = new TextEncoder();

const [LF, CR, SPACE] = encoder.encode("\n\r ");

/**
 * What is in a source, in UTF-8, with blanks in the place of the lines above its table; nothing where a file has gone, or has
 * more in it than there is room for.
 *
 * @param {import("./judge.js").Source} source
 * @returns {Promise<Uint8Array | undefined>}
 */
export async function contents(source) {
  const bytes = await read(source);
  return bytes && blanked(bytes, source.above ?? 0);
}

/** Lines without what is in them; they still count. */
function blanked(bytes, lines) {
  let at = bytes[0] === 0xef ? 3 : 0;
  for (let line = 0; line < lines && at < bytes.length; line += 1) {
    const begin = at;
    while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at += 1;
    bytes.fill(SPACE, begin, at);
    // Windows ends a line with both, and old Macs with the first of them alone.
    at += bytes[at] === CR && bytes[at + 1] === LF ? 2 : 1;
  }
  return bytes;
}

async function read({ text, file, encoding }) {
  if (file === undefined) return encoder.encode(text);
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    // UTF-16 with its mark needs nobody to say so.
    const marked = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : encoding;
    // By its mark spreadsheets know UTF-8, in which the rows to repair are written.
    return marked === "utf-8" ? bytes : encoder.encode(`\ufeff${new TextDecoder(marked).decode(bytes)}`);
  } catch {
    return undefined;
  }
}
