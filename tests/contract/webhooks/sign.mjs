// SPDX-License-Identifier: Apache-2.0
// Signs bodies with the Node packages that senders use: `standardwebhooks`, and GitHub's
// `@octokit/webhooks-methods` for `sha256=<hex of the body>`. Reads and writes JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(process.argv[2]);
const { Webhook } = require("standardwebhooks");
const octokit = join(dirname(process.argv[2]), "node_modules", "@octokit", "webhooks-methods");
const { sign } = await import(pathToFileURL(join(octokit, "dist-node", "index.js")));
const input = JSON.parse(readFileSync(0, "utf8"));
const out = [];
for (const body of input.bodies) {
  const id = `msg_${out.length}`;
  const time = new Date(input.now * 1000);
  out.push({
    scheme: "standard", body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(input.now),
      "webhook-signature": new Webhook(input.standard_secret).sign(id, time, body),
    },
  });
  if (body !== "") {  // GitHub's own package signs no empty body
    out.push({
      scheme: "github", body,
      headers: { "X-Hub-Signature-256": await sign(input.shared_secret, body) },
    });
  }
}
console.log(JSON.stringify(out));
