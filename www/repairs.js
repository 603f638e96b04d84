// The rows that have to be repaired, as a file: as they were written, each with the reasons.

/** The part of the form that saves them. */
export class Repairs {
  #place;
  #button;
  #name;
  /** Where the file lies that was made last. */
  #address;

  /**
   * @param {HTMLElement} place
   * @param {() => Promise<Blob | null>} make What has them; null where they are gone.
   */
  constructor(place, make) {
    this.#place = place;
    this.#button = place.querySelector("button");
    this.#button.addEventListener("click", () => this.#save(make));
  }

  /** Offers them, or not; `name` is that of the file that they lie in. */
  show(there, name = "recipients") {
    this.#place.hidden = !there;
    this.#name = name;
  }

  async #save(make) {
    if (this.#button.getAttribute("aria-disabled") === "true") return;
    this.#button.setAttribute("aria-disabled", true);
    try {
      const file = await make();
      if (file === null) return;
      URL.revokeObjectURL(this.#address);
      this.#address = URL.createObjectURL(file);
      const download = `${this.#name.replace(/\.[^.]*$/, "")}-to-repair.csv`;
      Object.assign(document.createElement("a"), { href: this.#address, download }).click();
    } finally {
      this.#button.setAttribute("aria-disabled", false);
    }
  }
}
