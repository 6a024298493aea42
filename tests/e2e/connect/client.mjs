// SPDX-License-Identifier: Apache-2.0
// kontor as a Connect client sees it: @connectrpc/connect over HTTP 1.1 with JSON, and the same
// client over gRPC. Reads one JSON object of settings from standard input, prints one of results.
// The messages come from the descriptor set that the build made: no generated code.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary, fromJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";

const settings = JSON.parse(readFileSync(0, "utf-8"));
const files = fromBinary(FileDescriptorSetSchema, readFileSync(settings.descriptors));
const registry = createFileRegistry(files);

const signed = (token) => (next) => (request) => {
  if (token) request.header.set("authorization", `Bearer ${token}`);
  return next(request);
};

const overConnect = (token) =>
  createConnectTransport({
    baseUrl: settings.http, httpVersion: "1.1", useBinaryFormat: false,
    interceptors: [signed(token)], jsonOptions: { registry },
  });

const overGrpc = (token) =>
  createGrpcTransport({ baseUrl: settings.grpc, interceptors: [signed(token)] });

function client(name, transport) {
  const service = registry.getService(`kontor.v1.${name}`);
  assert.ok(service, `the contract has no ${name}`);
  return createClient(service, transport);
}

// The error that a call must end with; its code, the stable reason and the field.
async function refused(call) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    const known = error.details.find((detail) => detail.type === "google.rpc.ErrorInfo");
    return { code: Code[error.code], reason: known?.debug?.reason ?? "",
             field: known?.debug?.metadata?.field ?? "", message: error.rawMessage };
  }
  assert.fail("the call was not refused");
}

// One document, made over Connect, asked for again over both protocols.
async function idempotency() {
  const connect = client("InvoiceService", overConnect(settings.token));
  const grpc = client("InvoiceService", overGrpc(settings.token));
  const { requestId, invoice } = settings.create;
  const schema = registry.getMessage("kontor.v1.CreateInvoiceRequest");
  const request = fromJson(schema, { requestId, invoice, wait: "50s" });
  const first = await connect.createInvoice(request);
  const answers = await Promise.all(
    [connect, grpc, connect, grpc].map((each) => each.createInvoice(request)));
  const got = await connect.getInvoice({ id: first.invoice.id });
  const other = fromJson(schema, { requestId, invoice: { ...invoice, reference: "OTHER" } });
  return {
    ids: [...new Set([first, ...answers].map((answer) => answer.invoice.id))],
    operation: first.operation.id,
    total: got.invoice.booked?.total?.value ?? "",
    reused: await refused(() => connect.createInvoice(other)),
  };
}

async function refusals() {
  const nobody = client("InvoiceService", overConnect(""));
  const somebody = client("InvoiceService", overConnect(settings.token));
  const admin = client("AdminService", overConnect(settings.token));
  return {
    without_token: await refused(() => nobody.listInvoices({})),
    not_there: await refused(() => somebody.getInvoice({ id: "inv_00000000000000000000000000" })),
    not_allowed: await refused(() => admin.listPrincipals({})),
    no_document: await refused(() => somebody.createInvoice({ requestId: "r-none" })),
  };
}

// The stream of events is gRPC's: a few of them, then the caller hangs up.
async function events() {
  const feed = client("EventService", overGrpc(settings.token));
  const seen = [];
  const patience = { timeoutMs: 30_000 };
  for await (const answer of feed.watchEvents({ afterSequence: 0n }, patience)) {
    if (answer.event) seen.push(Number(answer.event.sequence));
    if (seen.length === 2) break; // accepted and posted: this run made them at least
  }
  return seen;
}

const who = client("AdminService", overConnect(settings.token));
const results = {
  name: (await who.whoAmI({})).principal.name,
  ...(await idempotency()),
  refused: await refusals(),
  events: await events(),
};
console.log(JSON.stringify(results));
process.exit(0); // an open HTTP/2 session would keep it alive
