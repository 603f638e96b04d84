// The rest of the API through the gate, with the sandbox behind it: every route once as a client would use it, and each
// answer as the description of the API says.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

import { Gate } from "../gate.mjs";
import { shared } from "../setup.mjs";
import { eventually } from "../waiting.mjs";

const description = JSON.parse(await readFile(new URL("../../www/openapi.json", import.meta.url)));
const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
ajv.addSchema(description, "openapi");

const { edge, sandbox } = await shared(Gate.start());

/** Calls a route as it stands in the description; the answer's status and body have to be described there. */
async function call(method, path, { ids = {}, query = {}, body } = {}) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => ids[name]);
  const answer = await edge.call(method, `${filled}?${new URLSearchParams(query)}`, body);
  const { responses } = description.paths[path][method.toLowerCase()];
  const described = resolve(responses[answer.status] ?? assert.fail(`${method} ${path}: ${answer.status}`));
  const text = await answer.text();
  const json = text === "" ? undefined : JSON.parse(text);
  const schema = described.content?.["application/json"]?.schema;
  if (json !== undefined) {
    assert.ok(ajv.validate({ $ref: `openapi${schema.$ref}` }, json), `${method} ${path}: ${ajv.errorsText()} ${text}`);
  }
  assert.doesNotMatch(text, new RegExp(new URL(sandbox.url).host), "no URL of the upstream");
  return { status: answer.status, headers: answer.headers, json };
}

function resolve(value) {
  return value.$ref ? value.$ref.slice(2).split("/").reduce((at, name) => at[name], description) : value;
}

test("senders are listed, found, read and resolved", async () => {
  const { senders, pagination } = (await call("GET", "/v1/Senders", { query: { pageSize: 2 } })).json;
  assert.equal(senders.length, 2);
  const more = (await call("GET", "/v1/Senders", { query: { pageSize: 2, pageToken: pagination.next } })).json;
  assert.notEqual(more.senders[0].id, senders[0].id);
  const active = (await call("GET", "/v1/Senders", { query: { channel: "SMS", status: "ACTIVATED" } })).json.senders;
  assert.ok(active.length > 0 && active.every((sender) => sender.channel === "SMS"));
  const [{ id, address, channel }] = active;
  assert.equal((await call("GET", "/v1/Senders/{senderId}", { ids: { senderId: id } })).json.address, address);
  const found = (await call("POST", "/v1/Senders/Search", { body: { address, channel } })).json.senders;
  assert.deepEqual(found.map((sender) => sender.id), [id]);
  const recipientAddresses = [{ address: "+14155550100", channel: "PHONE" }];
  const { results } = (await call("POST", "/v1/Senders/Resolve", { body: { recipientAddresses } })).json;
  assert.ok(results.length > 0);
});

test("a pool is made, filled, changed, emptied and deleted", async () => {
  const [first, second] = (await call("GET", "/v1/Senders", { query: { channel: "SMS" } })).json.senders;
  const made = await call("POST", "/v1/SenderPools", { body: { name: "Shops", senders: [{ senderId: first.id }], tags: { a: "b" } } });
  assert.equal(made.status, 202);
  const operationId = made.headers.get("operationId");
  assert.equal(made.headers.get("operation-location"), `${edge.url}/v1/SenderPools/Operations/${operationId}`);
  const job = (operationId) => {
    const read = () => call("GET", "/v1/SenderPools/Operations/{operationId}", { ids: { operationId } });
    return eventually(async () => (await read()).json.status === "COMPLETED", "the pool's job");
  };
  await job(operationId);
  assert.ok((await call("GET", "/v1/SenderPools/Operations")).json.operations.some(({ id }) => id === operationId));
  const [{ id: senderPoolId }] = (await call("GET", "/v1/SenderPools", { query: { operationId } })).json.senderPools;
  const ids = { senderPoolId };
  assert.equal((await call("POST", "/v1/SenderPools", { body: { name: "Shops" } })).status, 409);
  const added = await call("POST", "/v1/SenderPools/{senderPoolId}/Senders", { ids, body: [{ senderId: second.id }] });
  assert.equal(added.status, 202);
  await job(added.headers.get("operationId"));
  const members = async () => (await call("GET", "/v1/SenderPools/{senderPoolId}/Senders", { ids })).json.senders.map(({ id }) => id).toSorted();
  assert.deepEqual(await members(), [first.id, second.id].toSorted());
  const changed = await call("PATCH", "/v1/SenderPools/{senderPoolId}", { ids, body: { name: "All shops" } });
  assert.equal(changed.json.resourceLocation, `${edge.url}/v1/SenderPools/${senderPoolId}`);
  assert.equal((await call("GET", "/v1/SenderPools/{senderPoolId}", { ids })).json.name, "All shops");
  const removed = { ...ids, senderId: first.id };
  assert.equal((await call("DELETE", "/v1/SenderPools/{senderPoolId}/Senders/{senderId}", { ids: removed })).status, 204);
  assert.deepEqual(await members(), [second.id]);
  assert.equal((await call("DELETE", "/v1/SenderPools/{senderPoolId}", { ids })).status, 204);
  const gone = await call("GET", "/v1/SenderPools/{senderPoolId}", { ids });
  assert.deepEqual([gone.status, gone.headers.get("refused-by")], [404, "upstream"]);
});

test("the messages of a send are listed, read and sought", async () => {
  const to = Array.from({ length: 7 }, (_, n) => ({ address: `+1415555010${n}`, channel: "PHONE" }));
  const answer = await edge.post(JSON.stringify({ to, content: { text: "Hello" }, tags: { a: "b" } }), { path: "/v1/Messages?batchRows=3" });
  const operationId = answer.headers.get("operationId");
  await edge.until(operationId);
  const { json: operation } = await call("GET", "/v1/Messages/Operations/{operationId}", { ids: { operationId } });
  assert.equal(operation.postgate.operations.length, 3);
  const seen = [];
  let pageToken;
  do {
    const query = { operationId, pageSize: 2, ...(pageToken && { pageToken }) };
    const { messages, pagination } = (await call("GET", "/v1/Messages", { query })).json;
    seen.push(...messages);
    pageToken = pagination.next;
  } while (pageToken);
  assert.deepEqual(seen.map((message) => message.to[0].address).toSorted(), to.map(({ address }) => address));
  for (const { tags } of seen) assert.deepEqual(tags, { a: "b" });
  const { json: message } = await call("GET", "/v1/Messages/{messageId}", { ids: { messageId: seen[0].id } });
  assert.equal(message.content.text, "Hello");
  const [sid] = /(SM|MM)[0-9a-f]{32}$/.exec(message.attempts[0].infoUrl);
  const sought = await call("GET", "/v1/Messages/Seek/{sid}", { ids: { sid } });
  assert.deepEqual([sought.status, sought.headers.get("location")], [301, `${edge.url}/v1/Messages/${message.id}`]);
  const none = await call("GET", "/v1/Messages/{messageId}", { ids: { messageId: message.id.replace(/.$/, "z") } });
  assert.equal(none.status, 404);
});

test("health and the page of the codes are as described", async () => {
  assert.equal((await call("GET", "/health")).json.ok, true);
  const page = await fetch(`${edge.url}/issues`);
  assert.match(page.headers.get("content-type"), /^text\/html/);
  const served = await (await fetch(`${edge.url}/openapi.json`)).json();
  assert.deepEqual(served, description);
});
