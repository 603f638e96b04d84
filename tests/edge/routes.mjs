// Every route of the API, for tests that no route may be forgotten in. src/edge/route.rs holds the description to the
// route table, so a new route is in here by itself.

import { readFile } from "node:fs/promises";

const { paths } = JSON.parse(await readFile(new URL("../../www/openapi.json", import.meta.url)));

/** Ids as they may stand in a path, by their names there. */
export const IDS = {
  messageId: "comms_message_01h9krwprkeee8fzqspvwy6nq8",
  operationId: `comms_operation_0${"0".repeat(33)}7`,
  senderId: "comms_sender_01h9krwprkeee8fzqspvwy6nq8",
  senderPoolId: "comms_senderpool_01h9krwprkeee8fzqspvwy6nq8",
  sid: `SM${"0".repeat(32)}`,
};

/** A path with ids in the places of its braces. */
export function filled(template, ids = IDS) {
  return template.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? fail(`no id for ${name}`));
}

function fail(message) {
  throw new Error(message);
}

/** Method, path as it is described, names of its ids, a path that can be called, a body that it takes, and the scope it asks for. */
export const ROUTES = Object.entries(paths)
  .filter(([template]) => template.startsWith("/v1/"))
  .flatMap(([template, item]) =>
    Object.entries(item)
      .filter(([method]) => method !== "parameters")
      .map(([method, { requestBody, description }]) => ({
        method: method.toUpperCase(),
        template,
        names: [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        path: filled(template),
        body: requestBody && JSON.stringify(requestBody.content["application/json"].example),
        scope: /Scope `(\w+)`\.$/.exec(description)[1],
      })),
  );
