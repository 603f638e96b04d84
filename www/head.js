// The head of a request: every member but its recipients, as the controls have it.

/**
 * The head that is written in controls. Each is named by the JSON Pointer that it edits; one with `data-item` has a list,
 * one item a line, each an object with this one member; a time is a list of one instant; one with
 * `data-optional` is left out where nothing is in it.
 *
 * @param {Element[]} controls
 * @returns {object}
 */
export function headOf(controls) {
  const head = {};
  for (const control of controls) {
    const { name, value, type, tagName, dataset, disabled } = control;
    // "Let the service choose" is the sender left out.
    if (disabled || (value === "" && (tagName === "SELECT" || dataset.optional !== undefined))) continue;
    if (type === "datetime-local") put(head, name, [new Date(value).toISOString()]);
    else if (dataset.item === undefined) put(head, name, value);
    else if (value.trim() !== "") put(head, name, items(value, dataset.item));
  }
  return head;
}

function items(text, member) {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").map((line) => ({ [member]: line }));
}

/** Puts a value where a pointer leads; what is numbered is a list. */
function put(object, pointer, value) {
  const path = pointer.slice(1).split("/");
  const last = path.pop();
  path.forEach((name, at) => {
    object = object[name] ??= /^\d+$/.test(path[at + 1] ?? last) ? [] : {};
  });
  object[last] = value;
}
