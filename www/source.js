// Where recipients come from: what was written, or a file.

const encoder = new TextEncoder();

const [LF, CR, SPACE] = encoder.encode("\n\r ");

/** How much is looked at to find out an encoding, from the first letter that is not ASCII, in bytes. */
const LOOKED_AT = 1 << 16;

/**
 * What is in a source, in UTF-8, with blanks in the place of the lines above its table; nothing where a file has gone, or has
 * more in it than there is room for. A file's encoding is found out where nobody said it, and kept in the source.
 *
 * @param {import("./judge.js").Source} source
 * @returns {Promise<Uint8Array | undefined>}
 */
export async function contents(source) {
  const bytes = await read(source);
  return bytes && blanked(bytes, source.above ?? 0);
}

/**
 * The encoding of a text without a mark, if it is one of those that spreadsheets write without being asked: UTF-8, or else
 * that of Western Europe. A stray byte or two make no text the latter, and what is no text at all is left to the module.
 *
 * @param {Uint8Array} bytes
 */
export function encodingOf(bytes) {
  let first = 0;
  while (bytes[first] < 0x80) first += 1;
  // What is cut at the end counts for nothing.
  const text = new TextDecoder().decode(bytes.subarray(first, first + LOOKED_AT), { stream: true });
  const [good, bad] = [/[^\0-\x7f\ufffd]/g, /\ufffd/g].map((kind) => text.match(kind)?.length ?? 0);
  const binary = bytes.subarray(0, LOOKED_AT).includes(0);
  return bad > good && !binary ? "windows-1252" : "utf-8";
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

async function read(source) {
  const { text, file } = source;
  if (file === undefined) return encoder.encode(text);
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const little = bytes[0] === 0xff && bytes[1] === 0xfe;
    const big = bytes[0] === 0xfe && bytes[1] === 0xff;
    // UTF-16 with its mark needs nobody to say so.
    source.encoding ??= little || big ? "utf-16le" : encodingOf(bytes);
    const encoding = big ? "utf-16be" : little ? "utf-16le" : source.encoding;
    // By its mark spreadsheets know UTF-8, in which the rows to repair are written.
    return encoding === "utf-8" ? bytes : encoder.encode(`\ufeff${new TextDecoder(encoding).decode(bytes)}`);
  } catch {
    return undefined;
  }
}
