// The form in real Chromium, in front of the real edge and sandbox.

import assert from "node:assert/strict";
import test, { after } from "node:test";

import { launch } from "../chromium.mjs";
import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { Form } from "./page.mjs";

const { edge, sandbox } = await shared(Gate.start());
const browser = await launch();
after(() => browser.close());

/** A fresh page with the form ready. */
async function form() {
  const { page, complaints } = await Form.open(browser, edge.url);
  return Object.assign(page, { complaints });
}

test("type, see an issue at its field, correct it, send, see it completed", async () => {
  const page = await form();
  await page.fill("#text", "Your table is ready.");
  await page.selectOption("#from-channel", "SMS");
  await page.fill("#from-address", "+15017122661");
  await page.fill("#to", "+14155550100\n\n4155550101\n");
  await page.locator("#to").blur();

  const issues = page.locator("#to-issues");
  await issues.getByText("A number without its country").waitFor();
  assert.match(await issues.innerText(), /line 3/i, "the blank line counts");
  assert.equal(await page.getAttribute("#to", "aria-invalid"), "true");
  assert.match(await page.getAttribute("#to", "aria-describedby"), /to-issues/);

  await page.fill("#to", "+14155550100\n\n+14155550101\n");
  await page.waitForFunction(() => document.querySelector("#to").getAttribute("aria-invalid") !== "true");
  assert.equal((await issues.innerText()).trim(), "");

  await page.fill("#key", "dev");
  await page.fill("#secret", "dev");
  await page.click("#send");
  const card = page.locator('#operations article[data-status="COMPLETED"]');
  await card.waitFor({ timeout: 30_000 });
  assert.match(await card.innerText(), /2/);

  const [request] = await sandbox.received();
  assert.equal(request.recipients, 2);
  const body = await sandbox.body(request.n);
  assert.deepEqual(body.content, { text: "Your table is ready." });
  assert.deepEqual(body.to.map((row) => row.address), ["+14155550100", "+14155550101"]);
  assert.deepEqual(page.complaints, []);
  await page.close();
});

test("a send that cannot be leads to what is wrong and reaches nobody", async () => {
  const before = (await sandbox.received()).length;
  const page = await form();
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 0, "nothing is wrong before anything is typed");
  await page.fill("#key", "dev");
  await page.fill("#secret", "dev");
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  assert.ok((await page.locator("#summary").innerText()).length > 20);
  assert.ok((await page.locator('[aria-invalid="true"]').count()) > 0);
  assert.equal((await sandbox.received()).length, before);
  await page.close();
});

test("what holds a send up is said, and what ended it early", async () => {
  const page = await form();
  const rule = { method: "POST", path: "/v1/Messages" };
  // Each from a number of its own, as one that is told to wait keeps its other sends waiting.
  for (const [sender, answer, status, said] of [
    ["+15017122669", { answer: 429, retryAfter: "600" }, "PROCESSING", /On its way: 0 of 1\. It waits until more can be sent/],
    ["+15017122668", { answer: 400 }, "COMPLETED", /Completed\. Twilio refused a part of it, with its error 20400/],
  ]) {
    await sandbox.unkind({ ...rule, ...answer });
    await page.fill("#text", "Your table is ready.");
    await page.fill("#from-address", sender);
    await page.fill("#to", "+14155550100");
    await page.fill("#key", "dev");
    await page.fill("#secret", "dev");
    await page.click("#send");
    const card = page.locator(`#operations article[data-status="${status}"]`).filter({ hasText: said });
    await card.waitFor({ timeout: 30_000 });
  }
  await sandbox.unkind();
  await page.close();
});

test("a line that was reached by keyboard keeps the focus while something else is judged", async () => {
  const page = await form();
  await page.fill("#to", "4155550100");
  const line = page.locator("#to-issues button");
  await line.focus();
  await page.evaluate(async () => {
    document.getElementById("text").dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
  assert.equal(await page.evaluate(() => document.activeElement.className), "line");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "to");
  await page.close();
});

test("however much there is to say, the worst of it is said first, by line, and the rest is counted", async () => {
  const page = await form();
  const numbers = Array.from({ length: 300 }, (_, row) => `+1415${2_000_000 + row}`);
  await page.evaluate((text) => {
    const to = document.getElementById("to");
    to.value = text;
    to.dispatchEvent(new Event("input", { bubbles: true }));
  }, ["", ...numbers, ...numbers, "4155550100"].join("\n"));
  const issues = page.locator("#to-issues p");
  await issues.first().waitFor();
  const said = await issues.allInnerTexts();
  assert.equal(said.length, 11);
  assert.match(said[0], /^Error: Line 602: A number without its country/);
  assert.match(said[1], /^Warning: Line 302: .* row 2 already/, "the line, as the blank one counts");
  assert.equal(said[10], "Note: 291 more are not listed.");
  await page.close();
});

test("a wrong key is told at the key", async () => {
  const page = await form();
  await page.fill("#text", "Hello");
  await page.selectOption("#from-channel", "SMS");
  await page.fill("#from-address", "+15017122661");
  await page.fill("#to", "+14155550100");
  await page.fill("#key", "dev");
  await page.fill("#secret", "wrong");
  await page.click("#send");
  await page.locator("#key-issues:not(:empty)").waitFor();
  assert.equal(await page.getAttribute("#key", "aria-invalid"), "true");
  assert.match(await page.locator("#key-issues").innerText(), /does not know this key/);
  await page.close();
});
