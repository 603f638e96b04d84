// Options and their values as text, which is what the module reads.

/** Each option's name and value, with a NUL after both. One that is undefined or an empty list counts as left out. */
export function spelled(options) {
  let all = "";
  for (const [name, value] of Object.entries(options)) {
    const left = value === undefined || (Array.isArray(value) && value.length === 0);
    if (!left) all += ended(name) + ended(text(value));
  }
  return all;
}

/** No option has a NUL in its name or its value, and none becomes one by losing it. */
function ended(word) {
  return `${word.replaceAll("\0", "\ufffd")}\0`;
}

/**
 * A word, a number or a flag; numbers with commas between, or the JSON of an object. Anything else is nothing that an
 * option could be.
 */
function text(value) {
  if (Array.isArray(value)) return value.join();
  if (["string", "number", "boolean"].includes(typeof value)) return String(value);
  if (typeof value !== "object" || value === null) return "";
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}
