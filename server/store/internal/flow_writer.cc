// SPDX-License-Identifier: Apache-2.0
// The writes of flows, their keys, lines and bytes.
#include <utility>

#include "server/base/strings.h"
#include "server/store/internal/codec.h"
#include "server/store/internal/unit.h"

namespace kontor::store::internal {
namespace {

using base::Reason;
using base::StrCat;

constexpr size_t kKeyBytesMax = 1000;

absl::Status CheckKey(const ports::FlowKey& key) {
  if (key.space.empty() || key.key.empty() || key.flow_id.empty()) {
    return base::Error(Reason::kFieldMissing).Field("key").Says("no space, key or flow");
  }
  if (key.key.size() > kKeyBytesMax) {
    return base::Error(Reason::kFieldTooLong).Field("key").Says("a key has at most 1000 bytes");
  }
  return absl::OkStatus();
}

std::string LinePlace(const ports::FlowLineRow& line) {
  return StrCat("flow_lines/", line.flow_id, "/", line.number);
}

}  // namespace

absl::Status UnitOnSession::PutFlow(ports::FlowRow& row) {
  if (row.kind.empty() || row.id.empty() || row.state.empty()) {
    return base::Error(Reason::kFieldMissing).Field("flow").Says("no kind, id or state");
  }
  const std::string sealed = crypto().Seal(row.body, StrCat("flows/", row.id));
  if (row.version == 0) {
    KONTOR_RETURN_IF_ERROR(
        OneRow(session().Execute(
                   R"(insert into flows (id, kind, version, entity, group_name, state, open,
                      due_us, created_us, updated_us, body)
                      values (:id, :kind, 1, :entity, :group, :state, :open, :due, :created,
                      :updated, :body) on conflict (id) do nothing)",
                   {row.id, row.kind, row.entity, row.group, row.state, row.open ? 1 : 0,
                    ToMicros(row.due), ToMicros(row.created), ToMicros(row.updated),
                    Value::Own(sealed)}),
               Reason::kAlreadyExists, StrCat("this ", row.kind)));
  } else {
    KONTOR_RETURN_IF_ERROR(
        OneRow(session().Execute(
                   R"(update flows set version = version + 1, entity = :entity,
                      group_name = :group, state = :state, open = :open, due_us = :due,
                      updated_us = :updated, body = :body
                      where id = :id and kind = :kind and version = :version)",
                   {row.entity, row.group, row.state, row.open ? 1 : 0, ToMicros(row.due),
                    ToMicros(row.updated), Value::Own(sealed), row.id, row.kind, row.version}),
               Reason::kVersionConflict, StrCat("this ", row.kind)));
  }
  ++row.version;
  effects_.flow_kinds.push_back(row.kind);
  return absl::OkStatus();
}

absl::StatusOr<std::string> UnitOnSession::ReserveFlowKey(const ports::FlowKey& key) {
  KONTOR_RETURN_IF_ERROR(CheckKey(key));
  const KeyMark mark = KeyMarkOf(crypto(), key.space, key.key);
  KONTOR_RETURN_IF_ERROR(
      session()
          .Execute(R"(insert into flow_keys (space, mark_high, mark_low, flow_id)
                      values (:space, :high, :low, :flow)
                      on conflict (space, mark_high, mark_low) do nothing)",
                   {key.space, mark.high, mark.low, key.flow_id})
          .status());
  KONTOR_ASSIGN_OR_RETURN(
      auto holder, session().QueryOne(R"(select flow_id from flow_keys where space = :space and
                                         mark_high = :high and mark_low = :low)",
                                      "t", {key.space, mark.high, mark.low}));
  if (!holder) {
    return base::Error(Reason::kVersionConflict).Says("the key was released meanwhile");
  }
  return holder->Take(0);
}

absl::Status UnitOnSession::ShareFlowKey(const ports::FlowKey& key) {
  KONTOR_RETURN_IF_ERROR(CheckKey(key));
  const KeyMark mark = KeyMarkOf(crypto(), key.space, key.key);
  return session()
      .Execute(R"(insert into flow_links (space, mark_high, mark_low, flow_id)
                  values (:space, :high, :low, :flow)
                  on conflict (space, mark_high, mark_low, flow_id) do nothing)",
               {key.space, mark.high, mark.low, key.flow_id})
      .status();
}

absl::Status UnitOnSession::ReleaseFlowKeys(const std::string& space,
                                            const std::string& flow_id) {
  for (const std::string_view sql :
       {"delete from flow_keys where flow_id = :flow and space = :space",
        "delete from flow_links where flow_id = :flow and space = :space"}) {
    KONTOR_RETURN_IF_ERROR(session().Execute(sql, {flow_id, space}).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<bool>> UnitOnSession::AddFlowLines(
    const std::vector<ports::FlowLineRow>& lines) {
  std::vector<bool> added;
  added.reserve(lines.size());
  for (const ports::FlowLineRow& line : lines) {
    if (line.flow_id.empty() || line.number < 1) {
      return base::Error(Reason::kFieldMissing).Field("line").Says("no flow or number");
    }
    const KeyMark mark = KeyMarkOf(crypto(), "lines", line.key);
    const std::string sealed = crypto().Seal(line.body, LinePlace(line));
    KONTOR_ASSIGN_OR_RETURN(
        const int64_t rows,
        session().Execute(R"(insert into flow_lines (flow_id, number, mark_high, mark_low, state,
                             body) values (:flow, :number, :high, :low, :state, :body)
                             on conflict do nothing)",
                          {line.flow_id, line.number, mark.high, mark.low, line.state,
                           Value::Own(sealed)}));
    added.push_back(rows == 1);
  }
  return added;
}

absl::Status UnitOnSession::UpdateFlowLine(const ports::FlowLineRow& line) {
  const std::string sealed = crypto().Seal(line.body, LinePlace(line));
  return OneRow(session().Execute(R"(update flow_lines set state = :state, body = :body
                                     where flow_id = :flow and number = :number)",
                                  {line.state, Value::Own(sealed), line.flow_id, line.number}),
                Reason::kNotFound, "this line");
}

absl::Status UnitOnSession::InsertBlob(const ports::BlobRow& row) {
  if (row.id.empty() || row.sha256.empty()) {
    return base::Error(Reason::kFieldMissing).Field("blob").Says("no id or sha256");
  }
  const std::string sealed = crypto().Seal(row.facts, StrCat("blobs/", row.id));
  return OneRow(session().Execute(
                    R"(insert into blobs (id, flow_id, kind, name, media_type, sha256, bytes,
                       parts, facts, created_us)
                       values (:id, :flow, :kind, :name, :media, :sha256, :bytes, :parts, :facts,
                       :created) on conflict (id) do nothing)",
                    {row.id, row.flow_id, row.kind, row.name, row.media_type, row.sha256,
                     row.bytes, row.parts, Value::Own(sealed), ToMicros(row.created)}),
                Reason::kAlreadyExists, "this blob");
}

absl::Status UnitOnSession::InsertBlobPart(const std::string& blob_id, int64_t number,
                                           const std::string& bytes) {
  if (static_cast<int64_t>(bytes.size()) > ports::kBlobPartBytesMax) {
    return base::Error(Reason::kFieldTooLong).Field("part").Says("a part has at most 1 MiB");
  }
  const std::string sealed =
      crypto().Seal(bytes, StrCat("blob_parts/", blob_id, "/", number));
  return OneRow(session().Execute(R"(insert into blob_parts (blob_id, number, content)
                                     values (:blob, :number, :content)
                                     on conflict (blob_id, number) do nothing)",
                                  {blob_id, number, Value::Own(sealed)}),
                Reason::kAlreadyExists, "this part");
}

}  // namespace kontor::store::internal
