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

const open = (options) => Form.open(browser, edge.url, options);

test("type, see an issue at its field, correct it, send, see it completed", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Your table is ready.");
  await page.fill("#to", "+14155550100\n\n4155550101\n");
  await page.locator("#to").blur();

  const issues = page.locator("#to-issues");
  await issues.getByText("The number has no country code").waitFor();
  assert.match(await issues.innerText(), /line 3/i, "the blank line counts");
  assert.equal(await page.getAttribute("#to", "aria-invalid"), "true");
  assert.match(await page.getAttribute("#to", "aria-describedby"), /to-issues/);

  await page.fill("#to", "+14155550100\n\n+14155550101\n");
  await page.waitForFunction(() => document.querySelector("#to").getAttribute("aria-invalid") !== "true");
  assert.equal((await issues.innerText()).trim(), "");

  assert.match(await form.send(), /Delivered\s+2/);

  const [request] = await sandbox.received();
  assert.equal(request.recipients, 2);
  const body = await sandbox.body(request.n);
  assert.deepEqual(body.content, { text: "Your table is ready." });
  assert.deepEqual(body.to.map((row) => row.address), ["+14155550100", "+14155550101"]);
  await form.close();
});

test("a send that cannot be leads to what is wrong and reaches nobody", async () => {
  const before = (await sandbox.received()).length;
  const form = await open();
  const { page } = form;
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 0, "nothing is wrong before anything is typed");
  await page.fill("#key", "dev");
  await page.fill("#secret", "dev");
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  assert.ok((await page.locator("#summary").innerText()).length > 20);
  assert.ok((await page.locator('[aria-invalid="true"]').count()) > 0);
  assert.equal((await sandbox.received()).length, before);
  await form.close();
});

test("what holds a send up is said, and what ended it early", async () => {
  const form = await open();
  const { page } = form;
  const rule = { method: "POST", path: "/v1/Messages" };
  // Each from a number of its own, as one that is told to wait keeps its other sends waiting.
  for (const [sender, answer, status, said] of [
    ["+15017122669", { answer: 429, retryAfter: "600" }, "PROCESSING", /On its way: 0 of 1\. It waits until more can be sent/],
    ["+15017122668", { answer: 400 }, "COMPLETED", /Completed\. Twilio refused a part of it, with its error 20400/],
  ]) {
    await sandbox.unkind({ ...rule, ...answer });
    await form.write("Your table is ready.", sender);
    await page.fill("#to", "+14155550100");
    await form.send(status, said);
  }
  await sandbox.unkind();
  await form.close();
});

test("a send that nobody answered is sent once, however often it is tried", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100");
  const before = (await sandbox.received()).length;
  let answers = 0;
  await page.route("**/v1/Messages", async (route) => {
    answers += 1;
    if (answers > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.fill("#key", "dev");
  await page.fill("#secret", "dev");
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  assert.match(await page.locator("#summary").innerText(), /No answer came back.*Press Send again/);
  await form.send();
  assert.equal(answers, 2);
  assert.equal((await sandbox.received()).length, before + 1);
  assert.equal(form.complaints.length, 1, "of the answer that was lost");
  form.complaints.length = 0;
  await form.close();
});

test("a send for later waits for its time, and is canceled as long as it waits", async () => {
  const form = await open({ timezoneId: "Europe/Berlin" });
  const { page } = form;
  await form.write("Your table is ready.");
  await page.fill("#to", "+14155550100\n+14155550101");
  await page.click("#later > summary");
  assert.match(await page.locator("#send-at-hint").innerText(), /Europe\/Berlin/);
  await page.fill("#send-at", "2001-01-01T10:00");
  await page.locator("#send-at-issues").getByText("The time has passed").waitFor();
  const hour = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 3_600_000);
  const local = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "short", timeZone: "Europe/Berlin" }).format(hour);
  await page.fill("#send-at", local.replace(" ", "T"));
  await page.locator("#send-at-issues:empty").waitFor({ state: "attached" });
  const before = (await sandbox.received()).length;
  await page.evaluate(() => {
    const { fetch } = window;
    window.fetch = async (url, how) => {
      window.sent ??= how?.body && (await how.body.text());
      return fetch(url, how);
    };
  });
  await form.send("SCHEDULED", /Waiting for its time, .*: 0 of 2/);
  assert.deepEqual(JSON.parse(await page.evaluate("sent")).schedule, { sendAt: [hour.toISOString()] });
  assert.equal(await page.inputValue("#send-at"), "", "the next message goes at once");
  const cancel = page.getByRole("button", { name: "Cancel what is not sent yet" });
  page.once("dialog", (dialog) => dialog.dismiss());
  await cancel.click();
  page.once("dialog", (dialog) => dialog.accept());
  await cancel.click();
  const card = page.locator('#operations article[data-status="CANCELED"]');
  await card.waitFor();
  assert.match(await card.innerText(), /Not sent\s+2/);
  assert.equal(await cancel.count(), 0, "there is nothing left to cancel");
  assert.equal((await sandbox.received()).length, before);
  await form.close();
});

test("canceling is offered as long as there is something to take back", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Your table is ready.");
  await page.fill("#to", "+14155550100");
  let batches = { ready: 1 };
  await page.route("**/v1/Messages/Operations/*", async (route) => {
    const response = await route.fetch();
    const operation = await response.json();
    const postgate = { ...operation.postgate, batches };
    await route.fulfill({ response, json: { ...operation, status: "PROCESSING", postgate } });
  });
  await form.send("PROCESSING");
  const cancel = page.locator("#operations .cancel");
  await cancel.focus();
  batches = { ready: 0, accepted: 1 };
  await cancel.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H2", "the keyboard does not lose its place");
  await form.close();
});

test("a send that is canceled is followed until what was on its way is sent", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Your table is ready.");
  await page.fill("#to", "+14155550100\n+14155550101\n+14155550102");
  let stats = { queued: 2, canceled: 1 };
  await page.route("**/v1/Messages/Operations/*", async (route) => {
    const response = await route.fetch();
    const operation = await response.json();
    const zero = Object.fromEntries(Object.keys(operation.stats).map((name) => [name, 0]));
    await route.fulfill({ response, json: { ...operation, status: "CANCELED", stats: { ...zero, total: 3, ...stats } } });
  });
  const said = await form.send("CANCELED", /Canceled\. Still on its way: 2 messages\./);
  assert.match(said, /Not reached so far/, "the list is not made before the end");
  assert.equal(await page.locator("#operations .cancel").isVisible(), false);
  stats = { delivered: 2, canceled: 1 };
  await page.locator("#operations .state").getByText(/^Canceled\.$/).waitFor();
  assert.match(await page.locator("#operations article").innerText(), /Delivered\s+2/);
  await form.close();
});

test("what is missing is said in words of the form", async () => {
  const form = await open();
  await form.page.click("#send");
  await form.page.locator("#summary:focus").waitFor();
  assert.deepEqual(await form.page.locator("#summary li").allInnerTexts(), [
    "The message is empty; write a text, or give media or a template.",
    "The sender's address is empty; expected a number or a sender's name.",
    "There are no recipients; expected at least one.",
  ]);
  await form.close();
});

test("a template goes in the place of the text, with columns as its variables", async () => {
  const form = await open();
  const { page } = form;
  const template = "HX00000000000000000000000000000000";
  await page.selectOption("#from-channel", "WHATSAPP");
  await page.fill("#from-address", "+15005550006");
  await page.selectOption("#channel", "WHATSAPP");
  await form.choose("phone,1,2\n+14155550100,Zoë,Ulm\n");
  await page.click("summary:text-is('Template')");
  await page.fill("#template", "HX12");
  await page.locator("#template-issues").getByText("expected HX and 32").waitFor();
  assert.ok(await page.locator("#text").isDisabled());
  await page.fill("#template", template);
  await page.locator("#preview").evaluate((preview) => (preview.open = true));
  assert.match(await page.locator("#preview .bubble").innerText(), /1: Zoë\s+2: Ulm/);
  await form.send();
  const body = await sandbox.body((await sandbox.received()).at(-1).n);
  assert.deepEqual(body.content, { contentId: template });
  assert.deepEqual(body.to, [{ address: "+14155550100", channel: "WHATSAPP", variables: { 1: "Zoë", 2: "Ulm" } }]);
  assert.ok(await page.locator("#text").isEnabled(), "the next message may have a text");
  await form.close();
});

test("a line that was reached by keyboard keeps the focus while something else is judged", async () => {
  const form = await open();
  const { page } = form;
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
  await form.close();
});

test("however much there is to say, the worst of it is said first, by line, and the rest is counted", async () => {
  const form = await open();
  const { page } = form;
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
  assert.match(said[0], /^Error: Line 602: The number has no country code/);
  assert.match(said[1], /^Warning: Line 302: .* is already in row 2 /, "the line, as the blank one counts");
  assert.equal(said[10], "Note: 291 more are not listed.");
  await form.close();
});

test("a wrong key is told at the key", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100");
  await page.fill("#key", "dev");
  await page.fill("#secret", "wrong");
  await page.click("#send");
  await page.locator("#key-issues:not(:empty)").waitFor();
  assert.equal(await page.getAttribute("#key", "aria-invalid"), "true");
  assert.match(await page.locator("#key-issues").innerText(), /does not know this key/);
  assert.equal(form.complaints.splice(0).length, 1, "of the answer");
  await form.close();
});
