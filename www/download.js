// A file that the page makes when somebody asks for it.

/** A button that saves it. */
export class Download {
  #place;
  #button;
  #name;
  /** Where the file lies that was made last. */
  #address;

  /**
   * @param {HTMLElement} place Has the button.
   * @param {() => Promise<Blob | null | undefined>} make What makes the file; nothing where it cannot be made.
   * @param {string} suffix What its name ends with, behind that of the file that it is about.
   */
  constructor(place, make, suffix) {
    this.#place = place;
    this.#button = place.querySelector("button");
    this.#button.addEventListener("click", () => this.#save(make, suffix));
  }

  /** Offers it, or not; `name` is that of the file that it is about. */
  show(there, name = "recipients") {
    this.#place.hidden = !there;
    this.#name = name;
  }

  async #save(make, suffix) {
    if (this.#button.getAttribute("aria-disabled") === "true") return;
    this.#button.setAttribute("aria-disabled", true);
    try {
      const file = await make();
      if (!file) return;
      URL.revokeObjectURL(this.#address);
      this.#address = URL.createObjectURL(file);
      const download = `${this.#name.replace(/\.[^.]*$/, "")}-${suffix}.csv`;
      Object.assign(document.createElement("a"), { href: this.#address, download }).click();
    } finally {
      this.#button.setAttribute("aria-disabled", false);
    }
  }
}
