// SPDX-License-Identifier: Apache-2.0
// One database session behind a small face: statements are prepared once and run again, rows come
// back whole, every SOCI exception ends here as a status. No table is known here.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/status.h"
#include "server/store/store.h"

namespace kontor::store::internal {

enum class Engine { kSqlite, kPostgresql };

/// A url of StoreSettings taken apart.
struct Target {
  Engine engine = Engine::kSqlite;
  std::string path;      ///< SQLite: the file. PostgreSQL: libpq's text.
};
/// CONFIG_INVALID on anything else.
absl::StatusOr<Target> ParseUrl(const std::string& url);

/// A parameter. Texts are borrowed for the length of the call.
class Value {
 public:
  enum class Kind { kNull, kInt, kText, kPlainAscii };
  Value(int64_t number) : kind_(Kind::kInt), number_(number) {}           // NOLINT: reads better
  Value(int number) : kind_(Kind::kInt), number_(number) {}               // NOLINT
  Value(std::string_view text) : kind_(Kind::kText), text_(text) {}       // NOLINT
  Value(const std::string& text) : kind_(Kind::kText), text_(text) {}     // NOLINT
  Value(const char* text) : kind_(Kind::kText), text_(text) {}            // NOLINT
  /// NULL in an integer's place.
  static Value Null() {
    Value value(0);
    value.kind_ = Kind::kNull;
    return value;
  }
  /// Text that we made ourselves (base64, hex): not checked again.
  static Value Own(std::string_view text) {
    Value value(text);
    value.kind_ = Kind::kPlainAscii;
    return value;
  }
  Kind kind() const { return kind_; }
  int64_t number() const { return number_; }
  std::string_view text() const { return text_; }

 private:
  Kind kind_;
  int64_t number_ = 0;
  std::string_view text_;
};

/// A row of an answer; NULL reads as 0 or "".
class Row {
 public:
  struct Cell {
    std::string text;
    int64_t number = 0;
    bool null = false;
  };
  explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}
  const std::string& Text(size_t column) const { return cells_.at(column).text; }
  std::string Take(size_t column) { return std::move(cells_.at(column).text); }
  int64_t Int(size_t column) const { return cells_.at(column).number; }
  bool IsNull(size_t column) const { return cells_.at(column).null; }

 private:
  std::vector<Cell> cells_;
};
using Rows = std::vector<Row>;

/// How bad the worst failure since Begin() was.
enum class Trouble {
  kNone,
  kStatement,    ///< Undoing to the savepoint is enough.
  kRepeat,       ///< Serialization failure or deadlock: the transaction may be run again.
  kTransaction,  ///< The whole transaction is lost (disk full, I/O error).
  kConnection,   ///< The session is dead and must be opened anew.
};

/// Not thread-safe. Statement texts use `:name` parameters bound by position, and the marks
/// `{for update}` and `{for share}`, which vanish on SQLite.
class Session {
 public:
  enum class Access { kReadWrite, kRead, kOffline };
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Target& target,
                                                       const StoreSettings& settings,
                                                       Access access);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Engine engine() const { return engine_; }
  bool is_sqlite() const { return engine_ == Engine::kSqlite; }

  /// Runs a statement; the number of rows it changed. A broken constraint is ALREADY_EXISTS.
  absl::StatusOr<int64_t> Execute(std::string_view sql, std::initializer_list<Value> values = {});
  /// Runs a statement that answers rows. `columns` has a letter a column: t text, i integer.
  absl::StatusOr<Rows> Query(std::string_view sql, std::string_view columns,
                             std::initializer_list<Value> values = {});
  absl::StatusOr<Rows> QueryWith(std::string_view sql, std::string_view columns,
                                 const std::vector<Value>& values);
  /// The first row, if any.
  absl::StatusOr<std::optional<Row>> QueryOne(std::string_view sql, std::string_view columns,
                                              std::initializer_list<Value> values = {});
  /// Runs a statement without parameters, as it is, outside the cache.
  absl::Status Control(std::string_view sql);

  absl::Status BeginWrite();
  absl::Status BeginRead();
  absl::Status Commit();
  /// Never fails: a session that cannot roll back is marked dead.
  void Rollback();
  absl::Status Savepoint();
  absl::Status ReleaseSavepoint();
  absl::Status RollbackToSavepoint();

  Trouble trouble() const { return trouble_; }
  /// The first failure since Begin(), for units that swallow it.
  const absl::Status& first_error() const { return first_error_; }
  /// PostgreSQL: payloads sent to the channels this session listens to; waits `wait` at most.
  absl::StatusOr<std::vector<std::string>> WaitForNotices(absl::Duration wait);
  /// Forgets failures that a rolled back savepoint has undone.
  void ForgetStatementTrouble();
  bool IsDead() const { return trouble_ == Trouble::kConnection; }

 private:
  struct Impl;
  class Statement;
  Session(Engine engine, std::string path);
  absl::Status Connect(const Target& target, const StoreSettings& settings, Access access);
  absl::StatusOr<Statement*> Prepared(std::string_view sql, std::string_view columns,
                                      size_t value_count);
  absl::Status Bind(Statement& statement, const Value* values, size_t count);
  absl::StatusOr<Rows> Run(std::string_view sql, std::string_view columns, const Value* values,
                           size_t count, int64_t* affected);
  absl::Status Failed();  // Turns the exception in flight into a status.
  absl::Status Noted(absl::Status status, Trouble trouble);
  void ClearTrouble();

  Engine engine_;
  std::string path_;
  Trouble trouble_ = Trouble::kNone;
  absl::Status first_error_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kontor::store::internal
