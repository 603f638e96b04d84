// Bytes on their way into the module, and out of it in parts.

const encoder = new TextEncoder();

/** For the module: appends a copy of bytes or numbers in its memory. */
export function give(list, part) {
  list.push(part.slice());
}

/** For the module: copies the bytes from `start` on to fill room in its memory. */
export function take(bytes, start, room) {
  room.set(bytes.subarray(start, start + room.length));
}

/** The parts in one, with a text before and one after. */
export function join(parts, before = "", behind = "") {
  const all = [encoder.encode(before), ...parts, encoder.encode(behind)];
  const whole = room(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Room that is then written to its end; in Node nobody clears it before, which takes a tenth of the time of a split. */
function room(size) {
  const own = globalThis.Buffer?.allocUnsafeSlow?.(size);
  return own ? new Uint8Array(own.buffer, own.byteOffset, size) : new Uint8Array(size);
}

/**
 * The bodies of what the module wrote of them. After one that has rows of the request stands where they belong: for each
 * copy, after how many of the written bytes, and from where to where in the request.
 */
export function bodies(written, request) {
  const all = [];
  for (const part of written) {
    all.push(part instanceof Uint32Array ? filled(all.pop(), part, request) : part);
  }
  return all;
}

function filled(own, copies, request) {
  let size = own.length;
  for (let at = 0; at < copies.length; at += 3) size += copies[at + 2] - copies[at + 1];
  const whole = room(size);
  let [from, to] = [0, 0];
  const put = (bytes, begin, end) => {
    whole.set(bytes.subarray(begin, end), to);
    to += end - begin;
  };
  for (let at = 0; at < copies.length; at += 3) {
    put(own, from, copies[at]);
    put(request, copies[at + 1], copies[at + 2]);
    from = copies[at];
  }
  put(own, from, own.length);
  return whole;
}
