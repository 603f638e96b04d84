// The columns of a table in the form: what is found out about them, and what somebody says of them.

import assert from "node:assert/strict";
import test, { after } from "node:test";

import { launch } from "../chromium.mjs";
import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { Form, received } from "./page.mjs";

const { edge, sandbox } = await shared(Gate.start());
const browser = await launch();
after(() => browser.close());

const open = (options) => Form.open(browser, edge.url, options);

test("who says which column is what is heard, and forgotten with the table", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ first }}.");
  await form.choose("Office phone,First name,Private phone\n+14155550100,Zoe,+442071838750\n+14155550101,Max,\n");
  await form.sums("recipients", "2");
  await page.locator("#variables").getByRole("button", { name: "First name needs another name" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.value), "First name", "a text cannot use this name");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("first");
  const before = (await sandbox.received()).length;
  await page.keyboard.press("Enter");
  await page.locator("#variables").getByRole("button", { name: "first" }).waitFor();
  await page.focus('[aria-label="Use of Private phone"]');
  await page.selectOption('[aria-label="Use of Private phone"]', "address");
  await page.locator("#columns > summary").getByText("Numbers are in “Private phone”").waitFor();
  const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.equal(focused, "Use of Private phone", "the table stays as it is read again");
  await page.selectOption('[aria-label="Use of Office phone"]', "none");
  await page.locator("#preview .bubble").getByText("Hi Zoe.").waitFor();
  await page.check("#without");
  assert.equal((await sandbox.received()).length, before, "Enter in such a field sends nothing");
  await form.send();
  assert.deepEqual((await received(sandbox)).body.to, [{ address: "+442071838750", channel: "PHONE", variables: { first: "Zoe" } }]);

  await form.choose("Office phone,First name,Private phone\n+14155550100,Zoe,+442071838750\n");
  await form.sums("recipients", "1");
  assert.equal(await page.inputValue('[aria-label="Use of Office phone"]'), "address", "found out anew");
  await form.close();
});

test("a table that cannot be read by itself is sent once somebody says what its columns are", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hello");
  await page.fill("#region", "u");
  await page.locator("#region-issues").getByText("The default country must be a region such as US or GB").waitFor();
  await page.fill("#region", "us");
  await form.choose("who,where\nZoe,x\n");
  await page.locator("#to-issues").getByText("No column looks like phone numbers").waitFor();
  assert.ok(await page.locator("#columns").evaluate((columns) => columns.open), "what is to be done is seen");
  await page.selectOption('[aria-label="Use of where"]', "address");
  await page.locator("#to-issues").getByText("Error: Row 2").waitFor();
  await form.choose("who,phone,where,where\nZoe,415 555 0100,here,there\n");
  await page.locator("#to-issues").getByText("The columns 3 and 4 have the same name").waitFor();
  await page.selectOption('[aria-label="Use of phone"]', "address");
  await form.sums("recipients", "1");
  await form.send();
  assert.deepEqual((await received(sandbox)).body.to, [{ address: "+14155550100", channel: "PHONE", variables: { who: "Zoe", where: "here", where_2: "there" } }]);
  await form.close();
});

test("a title above the names of the columns is left out once somebody says how many lines it takes", async () => {
  const form = await open();
  const { page } = form;
  await form.write("Hi {{ Name }}");
  await form.choose("\u{feff}Guests of the spring, 2026;;\r\n;;\r\nName;Phone;Town\r\nZoe;+14155550100;Ulm\r\nMax;;Bonn\r\nIda;4155550101;\r\n", "guests.csv");
  await page.locator("#columns > summary").getByText("perhaps there is a title above the column names").waitFor();
  await page.fill("#table-above", "1");
  await page.keyboard.press("Enter");
  // With the title as a header, too, there are two.
  await page.locator("#columns > summary").getByText("Numbers are in “Phone”, variables are Name, Town").waitFor();
  await form.sums("recipients", "2");
  await page.locator("#to-issues").getByText("Error: Row 6: The number has no country code").waitFor();
  assert.match(await page.locator("#rejects").textContent(), /Row 5: This row has no address/);
  await page.selectOption('[aria-label="Use of Town"]', "none");
  await page.locator("#columns > summary").getByText(/variables are Name$/).waitFor();
  assert.equal(await page.inputValue("#table-above"), "1");
  const { lines } = await form.repairs();
  assert.deepEqual(lines.map((line) => line.split(";")[0]), ["\u{feff}Name", "Max", "Ida"]);
  // Enter said it, so leaving the field for the button has not said it once more, which would find out all columns anew.
  assert.equal(await page.inputValue('[aria-label="Use of Town"]'), "none");
  await page.fill("#region", "US");
  await page.locator("#to-issues").getByText("The number has no country code").waitFor({ state: "detached" });
  await page.check("#without");
  await form.send();
  const { body, read } = await received(sandbox);
  assert.deepEqual(read, ["Hi Ida", "Hi Zoe"]);
  assert.ok(body.to.every(({ variables }) => !("Town" in variables)));
  await form.close();
});

test("what is pasted over a table has columns of its own, and one that is too large for the field stands beside it", async () => {
  const form = await open();
  const { page } = form;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const paste = async (text) => {
    await page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await page.focus("#to");
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Control+V");
  };
  await form.write("Hello");
  await paste("phone,name\n+14155550100,Zoe\n");
  await form.sums("bytes", "157 bytes");
  await page.click("#columns > summary");
  await page.selectOption('[aria-label="Use of name"]', "none");
  await form.sums("bytes", "130 bytes");
  await paste("phone,name\n+14155550100,Max\n");
  await form.sums("bytes", "157 bytes");
  assert.equal(await page.inputValue('[aria-label="Use of name"]'), "variable");
  // The header is another one, so these are other columns.
  await page.selectOption('[aria-label="Use of name"]', "none");
  await form.sums("bytes", "130 bytes");
  await page.focus("#to");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("i");
  await form.sums("bytes", "157 bytes");

  await paste(`phone,name\n${Array.from({ length: 5_000 }, (_, row) => `+1${2_012_000_000 + row},Name ${row}`).join("\n")}\n`);
  await form.sums("recipients", "5,000");
  assert.match(await page.locator("#chosen").innerText(), /Pasted.*What you wrote in the field is kept/s);
  assert.equal(await page.evaluate(() => document.activeElement.id), "unchoose");
  await form.close();
});
