// Recipients who are left out by the form, or have to be repaired: how that is said, agreed to and saved.

import assert from "node:assert/strict";
import test, { after } from "node:test";

import { launch } from "../chromium.mjs";
import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { Form } from "./page.mjs";

const { edge } = await shared(Gate.start());
const browser = await launch();
after(() => browser.close());

const open = (options) => Form.open(browser, edge.url, options);

test("the rows to repair are one file: those that cannot be read and those that are refused, as they came, however many", async () => {
  const form = await open();
  const { page } = form;
  const rows = Array.from({ length: 3_000 }, (_, row) => {
    if (row === 7) return ';"=""x"""';
    if (row === 8) return "4.91512E+12;Ann";
    return row % 2 === 0 ? `415555${1_000 + row};"Zoe; ${row}"` : `+1${2_012_000_000 + row};${row === 2_999 ? "" : "Ann"}`;
  });
  await form.write("Hi {{ name }}.");
  assert.equal(await page.locator("#repairs").isVisible(), false);
  await form.choose(`phone;name\n${rows.join("\n")}\n`);
  await page.locator("#repairs").waitFor();
  const { lines } = await form.repairs();
  assert.equal(lines.length, 1 + 1_499 + 3);
  const country = '"The number has no country code; expected + and the country code first, or a default country."';
  assert.equal(lines[1], `4155551000;"Zoe; 0";${country}`);
  assert.deepEqual(lines.slice(5, 8).map((line) => line.split(";")[0]), ["", "4.91512E+12", "4155551010"]);
  assert.match(lines.at(-1), /^\+12012002999;;"The text uses name, which this recipient lacks/);
  // The others can go without them, if nothing else is wrong. Then the sums are theirs.
  for (const [name, sum] of [["recipients", "2,998"], ["wrong", "at least 1,000"], ["segments", "2,998"]]) await form.sums(name, sum);
  await page.check("#without");
  for (const [name, sum] of [["recipients", "1,498"], ["left", "1,500"], ["segments", "1,498"]]) await form.sums(name, sum);
  await page.fill("#from-address", "+0");
  await page.click("#send");
  await page.locator("#summary:focus").waitFor();
  await page.fill("#from-address", "+15017122661");
  await page.locator("#from-address-issues:empty").waitFor({ state: "attached" });
  await page.locator("form:not(.judging)").waitFor();
  await page.check("#without");
  assert.match(await form.send(), /^To 1,498: Hi.*Completed\. 1,500 recipients with errors left out\..*Delivered\s+1,498/s);
  await form.write("Hi {{ name }}.");
  await form.choose(`phone;name\n${rows.join("\n")}\n`);
  await page.locator("#repairs").waitFor();
  assert.equal(await page.isChecked("#without"), false);
  // The same once the fault of half of them is repaired.
  await page.fill("#region", "US");
  await page.locator("#to-issues").getByText("The text uses name").waitFor();
  assert.equal((await form.repairs()).lines.length, 4);
  await page.fill("#text", "Hi.");
  await page.locator("#to-issues").getByText("The text uses name").waitFor({ state: "detached" });
  assert.equal((await form.repairs()).lines.length, 3);
  await form.choose("phone;name\n+14155550100;Zoe\n");
  await page.locator("#repairs").waitFor({ state: "hidden" });
  await form.close();
});

test("what is left out of numbers is named by line, and each line once", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#to", "+14155550100\n4.91512E+12\n4155550101, 4155550102\n+14155550103");
  await form.sums("recipients", "4");
  assert.match(await page.locator("#rejects").textContent(), /1 line left out.*Line 2: A spreadsheet has rounded this number/s);
  assert.match(await page.locator("#to-issues").innerText(), /Error: Line 3: The number has no country code/);
  const numbers = Array.from({ length: 20 }, (_, row) => `41555501${10 + row}`);
  await page.fill("#to", numbers.join("\n"));
  const more = page.locator("#to-issues").getByRole("button", { name: "and 12 more" });
  await more.click();
  assert.match(await page.locator("#to-issues").innerText(), /Lines 1, 2, .*, 19, 20: The number/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "9");
  await form.close();
});

test("who agreed to send without some rows may go on writing", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ name }}");
  await form.choose("phone,name\n+14155550100,Zoe\n4155550101,Max\n");
  await page.locator("#text-issues").getByText("name has no default").waitFor();
  await page.check("#without");
  await page.fill("#text", "Hello");
  await page.locator("#to-issues").getByText("variables that no text uses").waitFor();
  assert.equal(await page.isChecked("#without"), true, "the same rows are to be repaired");
  await page.fill("#text", "Hi {{ city }}");
  await page.locator("#to-issues").getByText("which this recipient lacks").first().waitFor();
  assert.equal(await page.isChecked("#without"), false, "others are");
  await form.close();
});

test("who agreed to send without some rows has not agreed for another file", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await form.choose("phone,name\n+14155550100,Zoe\n,Max\n", "one.csv");
  await page.check("#without");
  await form.choose("phone,name\n+14155550100,Zoe\n,Ida\n", "other.csv");
  await page.locator("#chosen").getByText("other.csv").waitFor();
  await form.sums("recipients", "1");
  assert.equal(await page.isChecked("#without"), false);
  await form.close();
});
