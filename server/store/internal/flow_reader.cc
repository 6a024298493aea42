// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/flow_reader.h"

#include <utility>

#include "server/base/strings.h"
#include "server/store/internal/codec.h"
#include "server/store/internal/listing.h"

namespace kontor::store::internal {
namespace {

using base::Reason;
using base::StrCat;

constexpr std::string_view kFlowNames =
    "id, kind, version, entity, group_name, state, open, due_us, created_us, updated_us, body";
constexpr std::string_view kFlowTypes = "ttitttiiiit";
constexpr std::string_view kBlobNames =
    "id, flow_id, kind, name, media_type, sha256, bytes, parts, facts, created_us";
constexpr std::string_view kBlobTypes = "ttttttiiti";

}  // namespace

KeyMark KeyMarkOf(const ports::Crypto& crypto, std::string_view space, std::string_view key) {
  if (key.empty()) return {};
  const std::string digest =
      crypto.LookupHash(StrCat("flow_keys.", space.size(), ":", space, key));
  return {MarkOf(digest), MarkOf(digest, 16)};
}

absl::StatusOr<ports::FlowRow> FlowReader::FlowOf(Row& row) {
  ports::FlowRow out;
  out.id = row.Take(0);
  out.kind = row.Take(1);
  out.version = row.Int(2);
  out.entity = row.Take(3);
  out.group = row.Take(4);
  out.state = row.Take(5);
  out.open = row.Int(6) == 1;
  out.due = FromMicros(row.Int(7));
  out.created = FromMicros(row.Int(8));
  out.updated = FromMicros(row.Int(9));
  KONTOR_ASSIGN_OR_RETURN(out.body, crypto_.Open(row.Text(10), StrCat("flows/", out.id)));
  return out;
}

absl::StatusOr<std::optional<ports::FlowRow>> FlowReader::FindFlow(const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne(StrCat("select ", kFlowNames, " from flows where id = :id"),
                                  kFlowTypes, {id}));
  if (!row) return std::nullopt;
  KONTOR_ASSIGN_OR_RETURN(ports::FlowRow flow, FlowOf(*row));
  return flow;
}

absl::StatusOr<ports::Listed<ports::FlowRow>> FlowReader::ListFlows(
    const ports::FlowFilter& filter, const ports::Page& page) {
  const std::string list = StrCat("flows.", filter.kind);
  KONTOR_ASSIGN_OR_RETURN(const std::string after, ReadPageToken(list, page.after));
  Where where;
  where.Add("kind = :kind", filter.kind);
  where.AddIfGiven("entity = :entity", filter.entity);
  where.AddIfGiven("group_name = :group", filter.group);
  if (filter.open) where.AddPlain(*filter.open ? "open = 1" : "open = 0");
  if (!filter.states.empty()) {
    where.AddPlain(StrCat("state in (", Marks(filter.states.size()), ")"));
    for (const std::string& state : filter.states) where.Also(state);
  }
  where.AddIfGiven("id < :after", after);
  const int limit = LimitOf(page);
  where.Also(limit);
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.QueryWith(StrCat("select ", kFlowNames, " from flows", where.text(),
                                           " order by id desc limit :limit"),
                                    kFlowTypes, where.values()));
  std::vector<ports::FlowRow> flows;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(ports::FlowRow flow, FlowOf(row));
    flows.push_back(std::move(flow));
  }
  return Pack(std::move(flows), limit, list, [](const auto& flow) { return flow.id; });
}

absl::StatusOr<std::vector<ports::FlowRow>> FlowReader::DueFlows(const std::string& kind,
                                                                 absl::Time now, int limit) {
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.Query(StrCat("select ", kFlowNames,
                                       " from flows where open = 1 and kind = :kind and "
                                       "due_us <= :now order by due_us, id limit :limit"),
                                kFlowTypes, {kind, ToMicros(now), Capped(limit)}));
  std::vector<ports::FlowRow> flows;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(ports::FlowRow flow, FlowOf(row));
    flows.push_back(std::move(flow));
  }
  return flows;
}

absl::StatusOr<std::vector<std::string>> FlowReader::FlowsByKey(const std::string& space,
                                                                const std::string& key,
                                                                int limit) {
  std::vector<std::string> ids;
  if (key.empty()) return ids;
  const KeyMark mark = KeyMarkOf(crypto_, space, key);
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows,
      session_.Query(R"(select flow_id from flow_keys where space = :space1 and
                        mark_high = :high1 and mark_low = :low1
                        union select flow_id from flow_links where space = :space2 and
                        mark_high = :high2 and mark_low = :low2
                        order by flow_id limit :limit)",
                     "t", {space, mark.high, mark.low, space, mark.high, mark.low, Capped(limit)}));
  for (Row& row : rows) ids.push_back(row.Take(0));
  return ids;
}

absl::StatusOr<std::vector<ports::FlowLineRow>> FlowReader::FlowLines(const std::string& flow_id,
                                                                      int64_t after, int limit) {
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.Query(R"(select number, state, body from flow_lines
                                   where flow_id = :flow and number > :after
                                   order by number limit :limit)",
                                "itt", {flow_id, after, Capped(limit)}));
  std::vector<ports::FlowLineRow> lines;
  for (Row& row : rows) {
    ports::FlowLineRow line;
    line.flow_id = flow_id;
    line.number = row.Int(0);
    line.state = row.Take(1);
    KONTOR_ASSIGN_OR_RETURN(
        line.body,
        crypto_.Open(row.Text(2), StrCat("flow_lines/", flow_id, "/", line.number)));
    lines.push_back(std::move(line));
  }
  return lines;
}

absl::StatusOr<ports::BlobRow> FlowReader::BlobOf(Row& row) {
  ports::BlobRow out;
  out.id = row.Take(0);
  out.flow_id = row.Take(1);
  out.kind = row.Take(2);
  out.name = row.Take(3);
  out.media_type = row.Take(4);
  out.sha256 = row.Take(5);
  out.bytes = row.Int(6);
  out.parts = row.Int(7);
  KONTOR_ASSIGN_OR_RETURN(out.facts, crypto_.Open(row.Text(8), StrCat("blobs/", out.id)));
  out.created = FromMicros(row.Int(9));
  return out;
}

absl::StatusOr<std::optional<ports::BlobRow>> FlowReader::FindBlob(const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne(StrCat("select ", kBlobNames, " from blobs where id = :id"),
                                  kBlobTypes, {id}));
  if (!row) return std::nullopt;
  KONTOR_ASSIGN_OR_RETURN(ports::BlobRow blob, BlobOf(*row));
  return blob;
}

absl::StatusOr<std::vector<ports::BlobRow>> FlowReader::BlobsOfFlow(const std::string& flow_id) {
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.Query(StrCat("select ", kBlobNames,
                                       " from blobs where flow_id = :flow order by id"),
                                kBlobTypes, {flow_id}));
  std::vector<ports::BlobRow> blobs;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(ports::BlobRow blob, BlobOf(row));
    blobs.push_back(std::move(blob));
  }
  return blobs;
}

absl::StatusOr<std::string> FlowReader::BlobPart(const std::string& blob_id, int64_t number) {
  KONTOR_ASSIGN_OR_RETURN(
      auto row, session_.QueryOne("select content from blob_parts where blob_id = :blob and "
                                  "number = :number",
                                  "t", {blob_id, number}));
  if (!row) return base::Error(Reason::kNotFound).Says(StrCat("no part ", number, " of ", blob_id));
  return crypto_.Open(row->Text(0), StrCat("blob_parts/", blob_id, "/", number));
}

}  // namespace kontor::store::internal
