// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/intake_rows.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "server/base/packed.h"
#include "server/base/strings.h"
#include "server/store/internal/flow_reader.h"

namespace kontor::store::internal {
namespace {

constexpr size_t kHoldersAtOnce = 64;

std::string PlaceOf(int64_t id) { return base::StrCat("intake/", id); }

std::string Packed(const std::vector<const ports::KeptRecord*>& records) {
  constexpr size_t kBesideBytes = 256;
  size_t bytes = 0;
  for (const ports::KeptRecord* record : records) bytes += record->content.size() + kBesideBytes;
  base::PackedWriter out;
  out.Reserve(bytes);
  for (const ports::KeptRecord* record : records) {
    out.Text(record->kind);
    out.Text(record->id);
    out.Texts(record->keys);
    out.Text(record->content);
  }
  return out.Take();
}

/// Of few sizes, so that few texts of statements are prepared; the last key fills what is left.
size_t PaddedCount(size_t count) {
  constexpr size_t kSizes[] = {1, 4, 16, kHoldersAtOnce};
  return *std::ranges::find_if(kSizes, [&](size_t size) { return size >= count; });
}

using KeysByMark = std::map<std::pair<int64_t, int64_t>, const std::string*>;

absl::Status ReadSomeHolders(Session& session, const std::string& space, const KeysByMark& keys,
                             std::span<const int64_t> highs,
                             std::unordered_map<std::string, std::string>& holders) {
  const size_t count = PaddedCount(highs.size());
  std::string sql =
      "select mark_high, mark_low, flow_id from flow_keys where space = :space and mark_high in (";
  std::vector<Value> values = {space};
  for (size_t i = 0; i < count; ++i) {
    base::StrAppend(&sql, i == 0 ? ":h" : ", :h", i);
    values.emplace_back(highs[std::min(i, highs.size() - 1)]);
  }
  base::StrAppend(&sql, ")");
  KONTOR_ASSIGN_OR_RETURN(Rows rows, session.QueryWith(sql, "iit", values));
  for (Row& row : rows) {
    const auto found = keys.find({row.Int(0), row.Int(1)});
    if (found != keys.end()) holders[*found->second] = row.Take(2);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ports::KeptRecord>> Unpacked(std::string_view bytes) {
  std::vector<ports::KeptRecord> records;
  base::PackedReader in(bytes);
  while (!in.AtEnd()) {
    ports::KeptRecord record;
    KONTOR_ASSIGN_OR_RETURN(record.kind, in.Text());
    KONTOR_ASSIGN_OR_RETURN(record.id, in.Text());
    KONTOR_ASSIGN_OR_RETURN(record.keys, in.Texts());
    KONTOR_ASSIGN_OR_RETURN(record.content, in.Text());
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace

absl::StatusOr<std::vector<IntakeRow>> ReadIntake(Session& session, const ports::Crypto& crypto) {
  KONTOR_ASSIGN_OR_RETURN(const Rows rows,
                          session.Query("select id, content from intake order by id", "it"));
  std::vector<IntakeRow> out;
  for (const Row& row : rows) {
    IntakeRow& made = out.emplace_back();
    made.id = row.Int(0);
    KONTOR_ASSIGN_OR_RETURN(const std::string bytes, crypto.Open(row.Text(1), PlaceOf(made.id)));
    KONTOR_ASSIGN_OR_RETURN(made.records, Unpacked(bytes));
  }
  return out;
}

absl::Status InsertIntake(Session& session, const ports::Crypto& crypto, int64_t id,
                          const std::vector<const ports::KeptRecord*>& records) {
  const std::string sealed = crypto.Seal(Packed(records), PlaceOf(id));
  return session
      .Execute("insert into intake (id, content) values (:id, :content)", {id, Value::Own(sealed)})
      .status();
}

absl::StatusOr<std::unordered_map<std::string, std::string>> ReadHolders(
    Session& session, const ports::Crypto& crypto, const std::string& space,
    const std::vector<std::string>& keys) {
  KeysByMark by_mark;
  std::vector<int64_t> highs;
  for (const std::string& key : keys) {
    const KeyMark mark = KeyMarkOf(crypto, space, key);
    if (by_mark.emplace(std::pair(mark.high, mark.low), &key).second) highs.push_back(mark.high);
  }
  std::unordered_map<std::string, std::string> holders;
  for (size_t at = 0; at < highs.size(); at += kHoldersAtOnce) {
    const auto some = std::span(highs).subspan(at, std::min(kHoldersAtOnce, highs.size() - at));
    KONTOR_RETURN_IF_ERROR(ReadSomeHolders(session, space, by_mark, some, holders));
  }
  return holders;
}

absl::Status DeleteIntake(Session& session, const std::vector<int64_t>& ids) {
  for (const int64_t id : ids) {
    KONTOR_RETURN_IF_ERROR(session.Execute("delete from intake where id = :id", {id}).status());
  }
  return absl::OkStatus();
}

}  // namespace kontor::store::internal
