// Where the items of a list stand in what somebody wrote or chose: by line, or by row of a spreadsheet.

/** The places of a list's items. */
export class Places {
  #numbers;
  #lead;

  /**
   * @param {ArrayLike<number>} numbers Where each item stands; they never fall.
   * @param {"Line" | "Row"} unit What is counted.
   * @param {((number: number) => void) | undefined} lead Leads to a place, where there is a way.
   */
  constructor(numbers = [], unit = "Line", lead = undefined) {
    this.#numbers = numbers;
    this.unit = unit;
    this.#lead = lead;
  }

  /** Those of a textarea's lines that are not empty. */
  static ofLines(textarea) {
    const numbers = [];
    textarea.value.split("\n").forEach((line, index) => {
      if (line.trim() !== "") numbers.push(index + 1);
    });
    return new Places(numbers, "Line", (line) => selectLine(textarea, line));
  }

  get length() {
    return this.#numbers.length;
  }

  /** Where an item stands. */
  of(item) {
    return this.#numbers[item];
  }

  /** The first item that stands there, if any does. */
  item(number) {
    let [low, high] = [0, this.#numbers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#numbers[middle] < number) low = middle + 1;
      else high = middle;
    }
    return this.#numbers[low] === number ? low : undefined;
  }

  /** What leads to a place; nothing where there is no way. */
  leading(number) {
    return this.#lead && (() => this.#lead(number));
  }
}

/** Selects a line of a textarea, and scrolls to it. */
export function selectLine(textarea, line) {
  const lines = textarea.value.split("\n");
  const at = Math.min(line, lines.length);
  const start = lines.slice(0, at - 1).reduce((sum, { length }) => sum + length + 1, 0);
  textarea.focus();
  textarea.setSelectionRange(start, start + lines[at - 1].length);
  textarea.scrollTop = (textarea.scrollHeight / lines.length) * (at - 1) - textarea.clientHeight / 2;
}
