// Where recipients come from: what was written, or a file.

const encoder = new TextEncoder();

/**
 * What is in a source, in UTF-8; nothing where a file has gone, or has more in it than there is room for.
 *
 * @param {import("./judge.js").Source} source
 * @returns {Promise<Uint8Array | undefined>}
 */
export async function contents({ text, file, encoding }) {
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
