// The form in a page of Chromium, and what tests do with it again and again.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

/** How long the form may take for anything, on a machine that has more to do. */
const PATIENCE = 60_000;

/** The form as one person has it; what the browser complains of fails the test at its end. */
export class Form {
  /** Opens it, ready to be written in. */
  static async open(browser, url, options = {}) {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(PATIENCE);
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await page.goto(url);
    await page.locator("#send:enabled").waitFor();
    return new Form(page, complaints);
  }

  constructor(page, complaints) {
    Object.assign(this, { page, complaints });
  }

  /** Writes a message from a sender. */
  async write(text, sender = "+15017122661") {
    await this.page.fill("#text", text);
    await this.page.fill("#from-address", sender);
  }

  /** Chooses a file with that content. */
  async choose(content, name = "people.csv") {
    await this.page.setInputFiles("#file", { name, mimeType: "text/csv", buffer: Buffer.from(content) });
  }

  /** Puts a text on the field as pasting does. */
  async paste(text) {
    await this.page.locator("#to").evaluate((to, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      if (!to.dispatchEvent(event)) return;
      to.focus();
      document.execCommand("insertText", false, text);
    }, text);
  }

  /** One of the sums beside the button, once it is this. */
  async sums(name, value) {
    const place = this.page.locator(`[data-total="${name}"]`);
    const is = ([name, value]) => document.querySelector(`[data-total="${name}"]`)?.textContent === value;
    await this.page.waitForFunction(is, [name, value]).catch(async () => {
      assert.equal((await place.count()) > 0 ? await place.textContent() : "nothing", value, name);
    });
  }

  /** The file with the rows to repair: its name and its lines. */
  repairs() {
    return this.#saved("#repairs button");
  }

  /** The same of those whom the newest send did not reach, once they are known. */
  unreached() {
    return this.#saved(".operation:first-child .save button");
  }

  async #saved(button) {
    await this.page.locator(button).waitFor();
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.page.click(button)]);
    const text = await readFile(await download.path(), "utf8");
    return { name: download.suggestedFilename(), lines: text.split("\r\n").slice(0, -1) };
  }

  /** Sends it, and waits until its card has that status and says that; all of what it says. */
  async send(status = "COMPLETED", said = /./) {
    const before = await this.page.locator("#operations article").count();
    await this.page.fill("#key", "dev");
    await this.page.fill("#secret", "dev");
    await this.page.click("#send");
    const card = this.page.locator(`#operations article:nth-last-child(${before + 1})[data-status="${status}"]`).filter({ hasText: said });
    await card.waitFor().catch(async () => {
      assert.fail(`no card that is ${status} and says ${said}, but: ${await this.page.locator("main").innerText()}`);
    });
    return card.innerText();
  }

  /** Closes it. */
  async close() {
    assert.deepEqual(this.complaints, []);
    await this.page.close();
  }
}

/** What a sandbox received last, and what each recipient of it reads. */
export async function received(sandbox) {
  const last = (await sandbox.received()).at(-1);
  const { messages } = await sandbox.json("GET", `/v1/Messages?operationId=${last.operationId}&pageSize=100`);
  const read = await Promise.all(messages.map(({ id }) => sandbox.json("GET", `/v1/Messages/${id}`)));
  return { body: await sandbox.body(last.n), read: read.map(({ content }) => content.text).sort() };
}
