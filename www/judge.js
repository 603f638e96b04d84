// The judge: a thread of its own that keeps the recipients and judges what is written, so that the page never waits.

/** How long recipients may be read before a thread that reads others is not waited for, in milliseconds. */
const PATIENCE = 500;

/**
 * Asks the thread in `judge-thread.js`. Only the newest question is answered.
 *
 * @typedef {object} Source Where recipients come from.
 * @property {string} [text] Numbers one a line, or a table, as it was typed or pasted.
 * @property {File} [file] Or a file with either.
 * @property {string} [encoding] How its text is written, by the name that browsers have for it; found out where it is left out.
 * @property {number} [above] How many lines stand above the names of its columns.
 * @property {import("../src/browser/types.d.ts").Mapping} mapping What is known of its columns.
 */
export class Judge {
  #thread;
  #source;
  #sources = 0;
  /** Whether the thread has yet to be told of the source. */
  #untold = true;
  /** Since when it reads the source; 0 while it does not. */
  #reading = 0;
  #question = 0;
  #answer;
  #onread;

  /** @param {(read: object) => void} onread Takes what came of a source, in front of the first verdict on it. */
  constructor(onread) {
    this.#onread = onread;
    this.#start();
  }

  /** Takes recipients from there from now on. */
  read(source) {
    // What takes so long is a large file, and nobody wants to know of it any more.
    if (this.#reading && performance.now() - this.#reading > PATIENCE) this.#start();
    this.#sources += 1;
    this.#source = { ...source, number: this.#sources };
    this.#untold = true;
  }

  /** The number of the source: others come with another one. */
  get source() {
    return this.#sources;
  }

  /**
   * Judges a head with the recipients.
   *
   * @param {{ head: object, texts: string[], options?: object, body?: boolean, repairs?: boolean }} question `texts` are
   *   those of the head, the one for SMS first; `options` as those of a checker; `body` asks for the request as a blob,
   *   `repairs` for the recipients that have to be repaired.
   * @returns {Promise<object | undefined>} Nothing where a newer question came, or other recipients.
   */
  ask(question) {
    this.#question += 1;
    this.#answer?.resolve();
    const source = this.#untold ? this.#source : undefined;
    if (this.#untold) this.#reading = performance.now();
    this.#untold = false;
    this.#thread.postMessage({ ...question, number: this.#question, source });
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
    });
  }

  #start() {
    this.#thread?.terminate();
    const thread = new Worker(new URL("./judge-thread.js", import.meta.url), { type: "module" });
    thread.onmessage = ({ data }) => this.#take(data);
    thread.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
    this.#thread = thread;
    this.#untold = true;
    this.#reading = 0;
  }

  #take({ kind, number, value }) {
    if (kind === "read" && number === this.#source.number) {
      this.#reading = 0;
      this.#onread(value);
    }
    if (kind === "failed") this.#fail(value);
    if (kind === "judged" && number === this.#question) this.#answer?.resolve(value);
  }

  /** The thread has stopped; the next question goes to a new one. */
  #fail(reason) {
    const answer = this.#answer;
    this.#start();
    answer?.reject(new Error(reason));
  }
}
