// What the form shows before anything is sent, in real Chromium: what people read, segments, costs; and that everybody
// can use it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test, { after } from "node:test";

import { launch } from "../chromium.mjs";
import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { Form } from "./page.mjs";

const { edge, sandbox } = await shared(Gate.start());
const browser = await launch();
after(() => browser.close());

const axe = await readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const open = (options) => Form.open(browser, edge.url, options);

/** The text of a bubble, once it is this. */
const reads = (form, text) => form.page.locator("#preview .bubble").getByText(text, { exact: true }).first().waitFor();

test("what each person reads is shown, one after the other and by number", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ name | default: 'friend' }}!");
  assert.equal(await page.locator("#preview").isVisible(), false, "nobody to read it");
  const rows = Array.from({ length: 60 }, (_, row) => `+1${2_012_000_000 + row},${row === 58 ? "שרה" : row === 59 ? "" : `Name ${row}`}`);
  await form.choose(`phone,name\n${rows.join("\n")}\n`);
  await reads(form, "Hi Name 0!");
  assert.match(await page.locator("#preview-place").innerText(), /of 60, row 2/);
  assert.match(await page.locator("#preview figcaption").innerText(), /^SMS 10 characters, 1 segment in GSM-7/);

  await page.click('[data-step="1"]');
  await reads(form, "Hi Name 1!");
  assert.match(await page.locator("#announcement").textContent(), /^Row 3: Hi Name 1!/, "who does not see it hears it");
  await page.click('[data-step="-1"]');
  await page.keyboard.press("Enter");
  await reads(form, "Hi Name 0!");
  await page.fill("#preview-number", "58");
  await page.keyboard.press("Enter");
  await reads(form, "Hi Name 57!");
  await page.click('[data-step="1"]');
  await reads(form, "Hi שרה!");
  assert.equal(await page.locator("#preview .bubble p").getAttribute("dir"), "auto");
  await page.click('[data-step="1"]');
  await reads(form, "Hi friend!");
  assert.equal(await page.getAttribute('[data-step="1"]', "aria-disabled"), "true");
  await page.fill("#preview-number", "999");
  await page.keyboard.press("Tab");
  assert.equal(await page.inputValue("#preview-number"), "60");

  // A shorter table has no such recipient.
  await form.choose("phone,name\n+14155550100,Zoe\n");
  await reads(form, "Hi Zoe!");
  await form.close();
});

test("media are shown with the text, over each channel that it may be", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Our menu");
  await page.selectOption("#from-channel", "");
  await page.fill("#to", "+14155550100");
  await page.click("#preview > summary");
  await page.click("summary:text-is('Media')");
  await page.fill("#media", "https://example.com/menu.png\n\nexample.com/wine.png");
  await page.locator("#media-issues").getByText("Not a web address").waitFor();
  assert.match(await page.locator("#media-issues").innerText(), /Line 3:/);
  await page.locator("#preview .medium").first().waitFor();
  const shown = await page.locator("#preview .message").evaluateAll((figures) => figures.map(({ dataset, innerText }) => [dataset.channel, innerText]));
  assert.deepEqual(shown.map(([channel]) => channel), ["mms", "rcs"]);
  for (const [, text] of shown) assert.match(text, /Our menu\s+https:\/\/example\.com\/menu\.png/);
  await page.fill("#media", "https://example.com/menu.png");
  await form.send();
  const last = (await sandbox.received()).at(-1);
  assert.deepEqual((await sandbox.body(last.n)).content, { text: "Our menu", media: [{ url: "https://example.com/menu.png" }] });
  await form.close();
});

test("RCS has a text of its own, beside that for SMS, and both are judged, shown and sent", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ name | default: 'you' }}, short.");
  await page.click("summary:text-is('Another text for RCS')");
  await page.fill("#rcs", "Hi {{ name | default: 'you' }}, in full – with an emoji 🎉");
  await form.choose("phone,name\n+14155550100,Zoe\n");
  await page.locator("#rcs-issues").getByText("This sender reaches nobody over RCS").waitFor();
  await reads(form, "Hi Zoe, short.");
  assert.equal(await page.locator("#preview .message").count(), 1);

  // Each issue is at the text that it is about.
  await page.selectOption("#from-channel", "");
  await page.locator("#rcs-issues:empty").waitFor({ state: "attached" });
  await page.fill("#text", "Hi {{ name");
  await page.locator("#text-issues .error").waitFor();
  assert.equal(await page.locator("#rcs-issues .error").count(), 0);
  await page.fill("#text", "Hi , short.");
  await page.locator("#text").evaluate((text) => text.setSelectionRange(3, 3));
  await page.locator("#variables").getByRole("button", { name: "name" }).click();
  assert.equal(await page.inputValue("#text"), "Hi {{ name }}, short.");
  await page.fill("#rcs", "x".repeat(3_073));
  await page.locator("#rcs-issues").getByText("3072").waitFor();
  await page.fill("#rcs", "Hi , in full – with an emoji 🎉");
  await page.locator("#rcs").evaluate((text) => text.setSelectionRange(3, 3));
  await page.locator("#variables").getByRole("button", { name: "name" }).click();
  assert.equal(await page.inputValue("#rcs"), "Hi {{ name }}, in full – with an emoji 🎉");

  await page.locator('#preview [data-channel="rcs"]').getByText("Hi Zoe, in full – with an emoji 🎉").waitFor();
  assert.match(await page.locator('#preview [data-channel="sms"]').innerText(), /^Hi Zoe, short\.\s+SMS 14 characters, 1 segment in GSM-7/);
  await form.sums("rcs", "0 to 1");
  await page.click("summary:text-is('Pool of senders')");
  await page.fill("#pool", "comms_senderpool_");
  await page.locator("#pool-issues .issue").waitFor();
  assert.ok(await page.locator("#from-channel").isDisabled());
  await page.fill("#pool", "");
  await form.send();
  const body = await sandbox.body((await sandbox.received()).at(-1).n);
  assert.deepEqual(body.content, {
    modules: [{ rcs: { text: "Hi {{ name }}, in full – with an emoji 🎉" } }, { sms: { text: "Hi {{ name }}, short." } }],
  });
  assert.equal(await page.inputValue("#rcs"), "", "the next message has none");
  await form.close();
});

test("characters that make a text longer are named, and replaced where somebody wants that", async () => {
  const form = await open();
  const { page } = form;
  const told = (text) => page.locator("#count-told").getByText(text).waitFor();
  await form.write("Soon – at 8… – ok 👍");
  await told("19 characters, 20 units in UCS-2: 1 segment");
  const culprits = page.locator("#count .culprits li");
  assert.deepEqual(await culprits.allInnerTexts(), ["– write -", "… write ...", "👍"]);
  await culprits.getByRole("button", { name: "write -" }).click();
  assert.equal(await page.inputValue("#text"), "Soon - at 8… - ok 👍");
  await culprits.getByRole("button", { name: "write ..." }).click();
  await page.fill("#text", "Soon - at 8... - ok");
  await told("19 characters, 19 units in GSM-7: 1 segment");
  assert.equal(await culprits.count(), 0);

  // Somebody's name may do the same, and is not in the text.
  await form.choose("phone,name\n+14155550100,Łucja\n");
  await page.fill("#text", "Hi {{ name }}");
  await told("8 characters, 8 units in UCS-2: 1 segment, for row 2");
  assert.deepEqual(await culprits.allInnerTexts(), ["Ł"]);

  await page.click("#unchoose");
  await page.fill("#text", "“Hi”");
  await told("4 characters, 4 units in UCS-2: 1 segment");
  await page.click("#prices > summary");
  await page.check("#smart");
  await told("4 characters, 4 units in GSM-7: 1 segment");
  await form.close();
});

test("what the send takes and costs is added up while it is written", async () => {
  const form = await open();
  const { page } = form;
  const long = "word ".repeat(60).trim();
  await form.write("{{ text }}");
  await form.choose(`phone,text\n+14155550100,Hi\n+442071838750,${long}\n+4915123456789,${"é".repeat(200)}\n`);
  await form.sums("segments", "5");
  await form.sums("longest", "299 characters, row 3");
  await page.click("#dearest > summary");
  assert.deepEqual(await page.locator("#dearest li").allInnerTexts(), ["row 3: 2 segments", "row 4: 2 segments"]);
  await page.locator("#dearest").getByRole("button", { name: "row 4" }).click();
  await reads(form, "é".repeat(200));

  assert.equal(await page.locator('[data-total="wrong"]').count(), 0);
  await form.choose(`phone,text\n+14155550100,Hi\n4155550101,Ho\n442071838750,${long}\n`);
  await form.sums("wrong", "2");
  await form.choose(`phone,text\n+14155550100,Hi\n+442071838750,${long}\n+4915123456789,${"é".repeat(200)}\n`);
  await form.sums("segments", "5");

  await page.click("#prices > summary");
  await page.fill("#price-sms", "0.01");
  await form.sums("cost", "0.05 USD");
  await page.fill("#countries", "GB 0.04\n+49 0.1");
  await form.sums("cost", "0.29 USD");
  await page.fill("#price-sms", "0,02");
  await page.fill("#countries", "GB 0,04\n+49 0,1");
  await form.sums("cost", "0.3 USD");
  await page.fill("#countries", "GB 0.04\n+49 0.1");
  await page.fill("#price-sms", "");
  await form.sums("unpriced", "1");
  await page.fill("#countries", "GB 1,000.04");
  await page.locator("#prices-issues").getByText("Expected prices of amounts below 100000").waitFor();
  await page.fill("#countries", "Britain 0.04");
  await page.locator("#prices-issues").getByText("Expected prices by regions such as US").waitFor();
  await page.fill("#countries", "gb 0.04");
  await page.fill("#currency", "€");
  await page.locator("#prices-issues").getByText("Expected prices whose currency is three capitals").waitFor();
  await page.fill("#currency", "usd");
  await form.sums("cost", "0.08 USD");
  await page.fill("#countries", "GB 0.04\nGB 0.05");
  await page.locator("#prices-issues").getByText("GB has two prices").waitFor();
  await page.fill("#countries", "");

  // Where the service chooses, there is a range, and each channel has its price.
  await page.fill("#price-sms", "0.01");
  await page.selectOption("#from-channel", "");
  await page.fill("#price-rcs", "0.5");
  await form.sums("cost", "0.05 to 1.5 USD");
  await form.sums("rcs", "0 to 3");
  await form.close();
});

test("a group makes of each sum the least that it may be", async () => {
  const form = await open();
  await form.write("Hello");
  await form.page.click("#prices > summary");
  await form.page.fill("#price-sms", "0.01");
  await form.choose('{"address":"+14155550100"}\n{"cohortId":"comms_cohort_01h9krwprkeee8fzqspvwy6nq8"}\n', "people.ndjson");
  await form.sums("recipients", "2");
  await form.sums("cost", "at least 0.01 USD");
  await form.sums("segments", "at least 1");
  await form.close();
});

/** A form with all that can be shown: a table with rejects, its columns, a preview, costs, issues, a sent message. */
async function whole(options) {
  const form = await open(options);
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100");
  await form.send();
  await page.fill("#text", "Hi {{ name }} – {{ Long }} {{");
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  await form.choose(`phone,name,Long,First name\n+14155550100,שרה,${"long".repeat(90)},Zoe\n,Max,,\n4155550101,Ida,,\n`, `${"long-".repeat(20)}.csv`);
  await form.sums("recipients", "2");
  await page.fill("#text", "Hi {{ name }} – {{ Long }}");
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await page.fill("#price-sms", "x");
  await page.locator("#prices-issues .issue").waitFor();
  await page.locator("#preview .bubble").waitFor();
  return form;
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing to complain of, ${colorScheme}`, async () => {
    const form = await whole({ colorScheme });
    await form.page.evaluate(axe);
    const { violations, passes } = await form.page.evaluate(() => window.axe.run());
    assert.ok(passes.length > 20, "axe looked at it");
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
    await form.close();
  });
}

test("nothing is wider than 360 pixels", async () => {
  const form = await whole({ viewport: { width: 360, height: 740 } });
  const wide = await form.page.evaluate(() => {
    const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5);
    return [document.documentElement.scrollWidth, out.map(({ outerHTML }) => outerHTML.slice(0, 80))];
  });
  assert.deepEqual(wide, [360, []]);
  await form.close();
});

test("a table is chosen, seen and sent by keyboard alone", async () => {
  const form = await open();
  const { page } = form;
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  /** Goes on by Tab until something has the focus. */
  const reach = async (name) => {
    for (let tabs = 0; tabs < 40; tabs += 1) {
      if ((await focused()) === name) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${name} cannot be reached; at ${await focused()}`);
  };
  await reach("text");
  await page.keyboard.type("Hi ");
  await reach("from-address");
  await page.keyboard.type("+15017122661");
  await reach("file");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
  await chooser.setFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("phone,name\n+14155550100,Zoe\n,Max\n") });
  await form.sums("recipients", "1");
  await reach("without");
  await page.keyboard.press("Space");
  await reach("key");
  await page.keyboard.type("dev");
  await page.keyboard.press("Tab");
  await page.keyboard.type("dev");
  await page.keyboard.press("Enter");
  await page.locator('#operations article[data-status="COMPLETED"]').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H2", "the focus is at what was sent");
  await form.close();
});
