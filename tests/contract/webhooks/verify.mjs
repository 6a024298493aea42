// SPDX-License-Identifier: Apache-2.0
// Checks samples with the Node implementation of Standard Webhooks, and `v1a` with Node's own
// Ed25519 and the published key set. Reads the samples' JSON from standard input.
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.argv[2]);
const { Webhook } = require("standardwebhooks");
const input = JSON.parse(readFileSync(0, "utf8"));
let checks = 0;

function expect(condition, what) {
  checks += 1;
  if (!condition) {
    console.error(`FAILED: ${what}`);
    process.exitCode = 1;
  }
}

function accepts(secret, body, headers) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

for (const { body, headers } of input.samples) {
  expect(accepts(input.secret, body, headers), "the new secret verifies");
  expect(accepts(input.old_secret, body, headers), "the old secret verifies during the overlap");
  expect(!accepts(input.unrelated_secret, body, headers), "an unrelated secret does not verify");
  expect(!accepts(input.secret, body + " ", headers), "a changed body does not verify");
  const other = { ...headers, "webhook-id": "evt_other" };
  expect(!accepts(input.secret, body, other), "a changed id does not verify");
  const second = Number(headers["webhook-timestamp"]);
  const late = { ...headers, "webhook-timestamp": String(second + 1) };
  expect(!accepts(input.secret, body, late), "a changed timestamp does not verify");

  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const signatures = headers["webhook-signature"].split(" ")
    .filter((part) => part.startsWith("v1a,"))
    .map((part) => Buffer.from(part.slice(4), "base64"));
  expect(signatures.length === input.jwks.keys.length, "every published key signs");
  input.jwks.keys.forEach((jwk, index) => {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    expect(verify(null, Buffer.from(content), key, signatures[index]), "v1a verifies");
    expect(!verify(null, Buffer.from(content + "x"), key, signatures[index]),
      "v1a of a changed body does not verify");
    expect(!verify(null, Buffer.from(content), key, signatures[1 - index]),
      "v1a of another key does not verify");
  });
}
console.log(`${checks} checks by Node`);
