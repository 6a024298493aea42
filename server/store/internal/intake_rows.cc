// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/intake_rows.h"

#include <utility>

#include "server/base/packed.h"
#include "server/base/strings.h"

namespace kontor::store::internal {
namespace {

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
      .Execute("insert into intake (id, content) values (:id, :content)",
               {id, Value::Own(sealed)})
      .status();
}

absl::Status DeleteIntake(Session& session, const std::vector<int64_t>& ids) {
  for (const int64_t id : ids) {
    KONTOR_RETURN_IF_ERROR(session.Execute("delete from intake where id = :id", {id}).status());
  }
  return absl::OkStatus();
}

}  // namespace kontor::store::internal
