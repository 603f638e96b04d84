// Keys for tests, as the operator configures them.

import { createHash, randomBytes } from "node:crypto";

/** A key with its secret: `configured` goes into KEYS, `headers` with a request. */
export function key(name, tenant, scopes, more = {}) {
  const [secret, salt] = [randomBytes(32).toString("base64url"), randomBytes(16)];
  const hash = createHash("sha256").update(salt).update(secret).digest("base64url");
  const configured = { key: name, tenant, scopes, hash: `${salt.toString("base64url")}.${hash}`, ...more };
  return { name, secret, configured, headers: { authorization: `Basic ${btoa(`${name}:${secret}`)}` } };
}

/** The setting KEYS. */
export function setting(...keys) {
  return JSON.stringify(keys.map(({ configured }) => configured));
}
