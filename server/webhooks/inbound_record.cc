// SPDX-License-Identifier: Apache-2.0
#include "server/webhooks/inbound_record.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "server/base/packed.h"
#include "server/base/status.h"
#include "server/crypto/digest.h"

namespace kontor::webhooks {
namespace {

using nlohmann::json;

std::string HeaderFacts(const InboundRecord& record) {
  json headers = json::array();
  for (const auto& [name, value] : record.headers) headers.push_back({name, value});
  const json facts = {{"method", record.method},
                      {"path", record.path},
                      {"peer", record.peer},
                      {"encrypted", record.encrypted},
                      {"headers", std::move(headers)}};
  return facts.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::Status WriteBytes(ports::Unit& unit, ports::BlobRow blob, const std::string& bytes) {
  const int64_t most = ports::kBlobPartBytesMax;
  blob.bytes = static_cast<int64_t>(bytes.size());
  blob.parts = (blob.bytes + most - 1) / most;
  KONTOR_RETURN_IF_ERROR(unit.InsertBlob(blob));
  for (int64_t i = 0; i < blob.parts; ++i) {
    KONTOR_RETURN_IF_ERROR(unit.InsertBlobPart(
        blob.id, i + 1,
        bytes.substr(static_cast<std::size_t>(i * most), static_cast<std::size_t>(most))));
  }
  return absl::OkStatus();
}

}  // namespace

std::string Pack(const InboundRecord& record) {
  constexpr size_t kBesideBytes = 1024;
  base::PackedWriter out;
  out.Reserve(record.bytes.size() + kBesideBytes);
  for (const std::string* text : {&record.id, &record.blob_id, &record.source, &record.entity}) {
    out.Text(*text);
  }
  out.Number(absl::ToUnixMicros(record.received));
  out.Text(record.event_id);
  out.Texts(record.keys);
  for (const std::string* text : {&record.method, &record.path, &record.peer}) out.Text(*text);
  out.Number(record.encrypted ? 1 : 0);
  out.Number(static_cast<int64_t>(record.headers.size()));
  for (const auto& [name, value] : record.headers) {
    out.Text(name);
    out.Text(value);
  }
  out.Text(record.content_type);
  out.Text(record.bytes);
  return out.Take();
}

absl::StatusOr<InboundRecord> Unpack(std::string_view packed) {
  base::PackedReader in(packed);
  InboundRecord record;
  KONTOR_ASSIGN_OR_RETURN(record.id, in.Text());
  KONTOR_ASSIGN_OR_RETURN(record.blob_id, in.Text());
  KONTOR_ASSIGN_OR_RETURN(record.source, in.Text());
  KONTOR_ASSIGN_OR_RETURN(record.entity, in.Text());
  KONTOR_ASSIGN_OR_RETURN(const int64_t received, in.Number());
  record.received = absl::FromUnixMicros(received);
  KONTOR_ASSIGN_OR_RETURN(record.event_id, in.Text());
  KONTOR_ASSIGN_OR_RETURN(record.keys, in.Texts());
  KONTOR_ASSIGN_OR_RETURN(record.method, in.Text());
  KONTOR_ASSIGN_OR_RETURN(record.path, in.Text());
  KONTOR_ASSIGN_OR_RETURN(record.peer, in.Text());
  KONTOR_ASSIGN_OR_RETURN(const int64_t encrypted, in.Number());
  record.encrypted = encrypted != 0;
  KONTOR_ASSIGN_OR_RETURN(const int64_t headers, in.Number());
  for (int64_t i = 0; i < headers; ++i) {
    KONTOR_ASSIGN_OR_RETURN(const std::string_view name, in.Text());
    KONTOR_ASSIGN_OR_RETURN(const std::string_view value, in.Text());
    record.headers.emplace_back(name, value);
  }
  KONTOR_ASSIGN_OR_RETURN(record.content_type, in.Text());
  KONTOR_ASSIGN_OR_RETURN(record.bytes, in.Text());
  return record;
}

absl::Status WriteMessage(ports::Unit& unit, const InboundRecord& record,
                          const std::optional<model::Finding>& finding) {
  model::InboundBody body;
  body.event_id = record.event_id;
  body.keys = record.keys;
  body.sha256 = crypto::Sha256(record.bytes).Hex();
  body.bytes = static_cast<int64_t>(record.bytes.size());
  body.peer = record.peer;
  body.content_type = record.content_type;
  body.finding = finding;
  ports::FlowRow flow;
  flow.kind = model::kInboundKind;
  flow.id = record.id;
  flow.entity = record.entity;
  flow.group = record.source;
  flow.state = finding ? model::kInboundQuarantined : model::kInboundReceived;
  flow.due = finding ? absl::InfiniteFuture() : record.received;
  flow.body = model::ToJson(body);
  flow.created = flow.updated = record.received;
  KONTOR_RETURN_IF_ERROR(unit.PutFlow(flow));
  ports::BlobRow blob;
  blob.id = record.blob_id;
  blob.flow_id = record.id;
  blob.kind = model::kInboundBlobKind;
  blob.media_type = record.content_type;
  blob.sha256 = body.sha256;
  blob.facts = HeaderFacts(record);
  blob.created = record.received;
  return WriteBytes(unit, std::move(blob), record.bytes);
}

absl::StatusOr<std::string> TakeMessage(ports::Unit& unit, const InboundRecord& record) {
  for (const std::string& key : record.keys) {
    KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                            unit.ReserveFlowKey({model::kInboundKeySpace, key, record.id}));
    if (holder == record.id) continue;
    // Keys that this one took on the way stay with nobody.
    KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(model::kInboundKeySpace, record.id));
    return holder;
  }
  KONTOR_RETURN_IF_ERROR(WriteMessage(unit, record, std::nullopt));
  return record.id;
}

}  // namespace kontor::webhooks
