// The Standard Schema of the installed package, alone and in a form library.

import assert from "node:assert/strict";
import test from "node:test";

import { FormApi } from "@tanstack/form-core";

import { Project } from "./installed.mjs";

const project = await Project.with({ "main.mjs": 'export * from "postgate";' });
const { check, PostgateError, schema, sentence } = await import(project.path("main.mjs"));

const GOOD = { to: [{ address: "(415) 555-0132", channel: "phone" }], content: { text: "Your table is ready." } };
const BAD = {
  to: [{ address: "+14155550132", channel: "PHONE" }, { channel: "PHONE" }],
  content: { text: "Hi {{ name" },
  tags: { "a/b~": "x" },
};
const standard = (options) => schema(options)["~standard"];

test("it says what it is", () => {
  assert.deepEqual(Object.keys(schema()), ["~standard"]);
  const { version, vendor, validate } = standard();
  assert.deepEqual([version, vendor, typeof validate], [1, "postgate", "function"]);
});

test("the value is the request, normalized, and what was given stays as it was", () => {
  const given = structuredClone(GOOD);
  const result = standard({ defaultRegion: "US" }).validate(given);
  assert.deepEqual(result, { value: { to: [{ address: "+14155550132", channel: "PHONE" }], content: GOOD.content } });
  assert.deepEqual(given, GOOD);
});

test("the issues are the errors: their sentences, and paths of names and indexes", () => {
  const { issues, ...rest } = standard().validate(BAD);
  assert.deepEqual(rest, {});
  const errors = check(BAD).issues.filter(({ severity }) => severity === "error");
  assert.deepEqual(issues.map(({ message }) => message), errors.map(sentence));
  assert.deepEqual(issues.map(({ path }) => path), [["to", 1, "address"], ["content", "text"], ["tags", "a/b~"]]);
  // Warnings are none: this text has variables that nobody reads.
  const warned = { ...GOOD, to: [{ ...GOOD.to[0], variables: { name: "Zoe" } }] };
  assert.ok(check(warned, { defaultRegion: "US" }).issues.some(({ severity }) => severity === "warning"));
  assert.equal(standard({ defaultRegion: "US" }).validate(warned).issues, undefined);
});

test("what is no request has an issue, and misuse is thrown", () => {
  for (const value of [undefined, null, 5, "{}", [], Symbol("to"), () => GOOD]) {
    const { issues } = standard().validate(value);
    assert.deepEqual(issues.map(({ path }) => path), [[]], String(value));
  }
  assert.deepEqual(standard().validate({}).issues.map(({ path }) => path), [["content"], ["to"]]);
  assert.throws(() => standard({ limits: "none" }).validate(GOOD), (error) => error instanceof PostgateError);
});

test("a form library gives each field its issues, and none once they are corrected", async () => {
  let submitted;
  const form = new FormApi({
    defaultValues: { to: [{ address: "", channel: "PHONE" }], content: { text: "Your table is ready." } },
    validators: { onChange: schema({ defaultRegion: "US" }) },
    onSubmit: ({ value }) => void (submitted = value),
  });
  form.mount();
  form.setFieldValue("to[0].address", "415");
  const [found] = form.getFieldMeta("to[0].address").errors;
  assert.deepEqual(found.path, ["to", 0, "address"]);
  assert.match(found.message, /digits/);
  await form.handleSubmit();
  assert.equal(submitted, undefined, "what is wrong is not submitted");

  form.setFieldValue("to[0].address", "(415) 555-0132");
  assert.deepEqual(form.getFieldMeta("to[0].address").errors, []);
  await form.handleSubmit();
  assert.equal(submitted.to[0].address, "(415) 555-0132");
});
