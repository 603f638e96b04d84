// What is printed: colours and progress only where a person looks.

const COLOURS = { error: 31, warning: 33, note: 36, dim: 2, ok: 32 };

function coloured(stream) {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0";
  return Boolean(stream.isTTY) && TERM !== "dumb";
}

export function paint(colour, text) {
  return coloured(process.stdout) ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
}

/** A text without what a terminal would obey: pointers hold names that somebody else has chosen. */
export function plain(text) {
  const escape = (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escape);
}

/** JSON in which nothing is left that a terminal would obey; it says the same. */
export function inJson(value) {
  return plain(JSON.stringify(value));
}

/** A text for standard output: as it is, unless a terminal is there to obey it. */
export function written(text) {
  return process.stdout.isTTY ? text.split("\n").map(plain).join("\n") : text;
}

/** What people call a channel. */
export function channelName(channel) {
  return channel === "whatsapp" ? "WhatsApp" : channel.toUpperCase();
}

export function count(number, one, several = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : several}`;
}

/** The pieces of a stream; on a terminal, how far they are is told on standard error. */
export async function* watched({ stream, size }, pass) {
  const shows = Boolean(process.stderr.isTTY) && size > 8 << 20;
  let done = 0;
  let told = 0;
  for await (const piece of stream()) {
    yield piece;
    done += piece.length;
    const now = Date.now();
    if (shows && (now - told > 100 || done === size)) {
      told = now;
      process.stderr.write(`\rpass ${pass}: ${Math.floor((100 * done) / size)} % of ${Math.round(size / 1e6)} MB `);
    }
  }
  if (shows) process.stderr.write("\r\u001b[K");
}
