// Bytes that leave the module in parts.

const encoder = new TextEncoder();

/** The parts in one, with a text in front and one behind. */
export function join(parts, before = "", behind = "") {
  const all = [encoder.encode(before), ...parts, encoder.encode(behind)];
  const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
