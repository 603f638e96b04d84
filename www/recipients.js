// Recipients as they are pasted: one number a line.

const encoder = new TextEncoder();

/**
 * The rows of a request's `to`, without its brackets, and the line that each row came from.
 *
 * @param {string} text
 * @param {string} channel
 * @returns {{ json: Uint8Array, lines: number[] }}
 */
export function read(text, channel) {
  const rows = [];
  const lines = [];
  text.split("\n").forEach((line, index) => {
    const address = line.trim();
    if (address === "") return;
    rows.push(JSON.stringify({ address, channel }));
    lines.push(index + 1);
  });
  return { json: encoder.encode(rows.join(",")), lines };
}

/** Selects a line of a textarea, and scrolls to it. */
export function selectLine(textarea, line) {
  const lines = textarea.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  textarea.focus();
  textarea.setSelectionRange(start, start + lines[line - 1].length);
  textarea.scrollTop = (textarea.scrollHeight / lines.length) * (line - 1) - textarea.clientHeight / 2;
}
