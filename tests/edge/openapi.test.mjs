// The description of the API is valid, and its examples are what it says. That its routes are the edge's is compared
// where the route table is, in src/edge/route.rs.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

const description = JSON.parse(await readFile(new URL("../../www/openapi.json", import.meta.url)));
const methods = new Set(["get", "post", "patch", "delete", "put"]);
const operations = Object.entries(description.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => methods.has(method))
    .map(([method, operation]) => ({ name: `${method} ${path}`, path, item, operation })),
);

test("it is OpenAPI 3.1", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(description));
  assert.deepEqual([valid, errors], [true, undefined]);
  assert.equal(validator.version, "3.1");
});

test("every operation says what it is, what it answers, and with which headers", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { name, path, item, operation } of operations) {
    assert.ok(operation.summary && operation.operationId && operation.tags?.length === 1, name);
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id).sort();
    const described = (item.parameters ?? []).map(resolve).filter((parameter) => parameter.in === "path");
    assert.deepEqual(described.map((parameter) => parameter.name).sort(), named, name);
    const statuses = Object.keys(operation.responses);
    assert.ok(statuses.some((status) => status < "400"), name);
    if (path.startsWith("/v1/")) for (const status of ["400", "401", "403", "429", "503"]) assert.ok(statuses.includes(status), `${name} ${status}`);
    for (const [status, reference] of Object.entries(operation.responses)) {
      const response = resolve(reference);
      if (status === "429") assert.ok(response.headers["Retry-After"] && response.headers["RateLimit"], name);
      if (status >= "400" && path.startsWith("/v1/")) assert.ok(response.headers["Refused-By"], `${name} ${status}`);
    }
  }
});

test("every JSON body has an example that fits its schema", () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats(ajv);
  ajv.addSchema(description, "openapi");
  let count = 0;
  for (const { name, operation } of operations) {
    const bodies = Object.values(operation.responses).map(resolve);
    if (operation.requestBody) bodies.push(operation.requestBody);
    for (const { content } of bodies) {
      const json = content?.["application/json"];
      if (!json) continue;
      assert.notEqual(json.example, undefined, name);
      const schema = { ...json.schema, $ref: `openapi${json.schema.$ref}` };
      assert.ok(ajv.validate(schema, json.example), `${name}: ${ajv.errorsText()} ${JSON.stringify(json.example)}`);
      count += 1;
    }
  }
  assert.ok(count > 100, String(count));
});

function resolve(value) {
  return value.$ref ? value.$ref.slice(2).split("/").reduce((at, name) => at[name], description) : value;
}
