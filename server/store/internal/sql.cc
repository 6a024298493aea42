// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/sql.h"

#include <poll.h>
#include <sys/statvfs.h>

#include <cstring>
#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "soci/postgresql/soci-postgresql.h"
#include "soci/soci.h"
#include "soci/sqlite3/soci-sqlite3.h"

namespace kontor::store::internal {
namespace {

using base::Reason;

/// Prepared statements a session keeps; filters make many texts, so the number is bounded.
constexpr size_t kStatementsMax = 400;
constexpr std::string_view kSqlitePrefix = "sqlite:";
constexpr std::string_view kPostgresqlPrefix = "postgresql:";
/// SQLite's primary result codes that matter here (sqlite3.h).
constexpr int kSqliteBusy = 5, kSqliteLocked = 6, kSqliteReadOnly = 8, kSqliteIoError = 10,
              kSqliteFull = 13, kSqliteConstraint = 19;

std::string ForEngine(std::string_view sql, Engine engine) {
  std::string out(sql);
  for (const std::string_view mark : {"{for update}", "{for share}"}) {
    const size_t at = out.find(mark);
    if (at == std::string::npos) continue;
    const std::string_view text = mark.substr(1, mark.size() - 2);
    out.replace(at, mark.size(), engine == Engine::kPostgresql ? text : std::string_view());
  }
  return out;
}

/// The first line only: PostgreSQL's details repeat values, which may be personal.
std::string FirstLine(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  // Quoted input may follow the sentence; what is in quotes may be a caller's text.
  if (const size_t quote = line.find(": \""); quote != std::string::npos) line.resize(quote);
  return line;
}

bool DiskIsFull(const std::string& path) {
  struct statvfs disk = {};
  return statvfs(path.c_str(), &disk) == 0 && disk.f_bavail == 0;
}

/// Plain ASCII without NUL, eight bytes at a time: nearly every text, so it must cost little.
bool IsPlainAscii(std::string_view text) {
  while (text.size() >= sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, text.data(), sizeof word);
    constexpr uint64_t kHigh = 0x8080808080808080, kOnes = 0x0101010101010101;
    if ((word & kHigh) != 0 || ((word - kOnes) & ~word & kHigh) != 0) return false;
    text.remove_prefix(sizeof word);
  }
  for (const char c : text) {
    if (static_cast<signed char>(c) <= 0) return false;
  }
  return true;
}

bool IsStorable(std::string_view text) {
  return IsPlainAscii(text) ||
         (text.find('\0') == std::string_view::npos && base::CountCodePoints(text) >= 0);
}

/// Finds a std::string key by a view, without making a string.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// Before the process's first session: a session is used by one thread at a time, so SQLite need
/// not lock it at each call, and nobody reads its count of the memory it uses, kept under a lock
/// that all sessions share.
void ConfigureSqlite() {
  [[maybe_unused]] static const bool kOnce = [] {
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return true;
  }();
}

absl::Status Unavailable(std::string_view what) {
  return base::Error(Reason::kStoreUnavailable).Says(what);
}

/// libpq's own limits, unless the text sets them or is an address.
std::string WithTimeouts(const std::string& text, const StoreSettings& settings) {
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) return text;
  std::string out = text;
  const int64_t seconds = std::max<int64_t>(2, absl::ToInt64Seconds(settings.connect_timeout));
  if (text.find("connect_timeout") == std::string::npos) {
    base::StrAppend(&out, " connect_timeout=", seconds);
  }
  if (text.find("tcp_user_timeout") == std::string::npos) {
    base::StrAppend(&out, " tcp_user_timeout=",
                    absl::ToInt64Milliseconds(settings.statement_timeout));
  }
  return out;
}

}  // namespace

absl::StatusOr<Target> ParseUrl(const std::string& url) {
  Target target;
  if (url.starts_with(kSqlitePrefix)) {
    target.path = url.substr(kSqlitePrefix.size());
    if (target.path.empty() || target.path.find('"') != std::string::npos) {
      return base::Error(Reason::kConfigInvalid).Field("store.url").Says("no usable file path");
    }
    return target;
  }
  if (url.starts_with(kPostgresqlPrefix)) {
    target.engine = Engine::kPostgresql;
    target.path = url.starts_with("postgresql://") ? url : url.substr(kPostgresqlPrefix.size());
    return target;
  }
  return base::Error(Reason::kConfigInvalid)
      .Field("store.url")
      .Says("the store's address begins with sqlite: or postgresql:");
}

/// A prepared statement with the variables that it is bound to, whose addresses never change.
class Session::Statement {
 public:
  Statement(soci::session& session, Engine engine, const std::string& sql,
            std::string_view columns, size_t value_count)
      : statement_(session), columns_(columns), engine_(engine) {
    statement_.alloc();
    for (size_t i = 0; i < value_count; ++i) in_.emplace_back();
    for (size_t i = 0; i < columns.size(); ++i) out_.emplace_back();
    sql_ = sql;
  }
  /// Binds types on first use: they follow the values and stay.
  void Bind(const Value* values) {
    if (!is_bound_) {
      for (size_t i = 0; i < in_.size(); ++i) Exchange(in_[i], values[i]);
      for (size_t i = 0; i < out_.size(); ++i) {
        if (columns_[i] == 'i') {
          statement_.exchange(soci::into(out_[i].number, out_[i].indicator));
        } else {
          statement_.exchange(soci::into(out_[i].text, out_[i].indicator));
        }
      }
      statement_.prepare(sql_);
      statement_.define_and_bind();
      is_bound_ = true;
    }
    for (size_t i = 0; i < in_.size(); ++i) Assign(in_[i], values[i]);
  }
  bool Accepts(const Value* values) const {
    if (!is_bound_) return true;
    for (size_t i = 0; i < in_.size(); ++i) {
      if (values[i].kind() == Value::Kind::kNull) continue;
      if (in_[i].is_number != (values[i].kind() == Value::Kind::kInt)) return false;
    }
    return true;
  }
  bool Execute() { return statement_.execute(true); }
  bool Fetch() { return statement_.fetch(); }
  int64_t Affected() { return statement_.get_affected_rows(); }
  Row Current() {
    std::vector<Row::Cell> cells(out_.size());
    for (size_t i = 0; i < out_.size(); ++i) {
      cells[i].null = out_[i].indicator == soci::i_null;
      if (cells[i].null) continue;
      if (columns_[i] == 'i') {
        cells[i].number = out_[i].number;
      } else {
        cells[i].text = std::move(out_[i].text);
      }
    }
    return Row(std::move(cells));
  }
  /// Lets go of SQLite's read lock: an unfinished statement would keep its snapshot alive.
  void Finish() {
    if (engine_ != Engine::kSqlite) return;
    auto* backend = static_cast<soci::sqlite3_statement_backend*>(statement_.get_backend());
    if (backend->stmt_ != nullptr) sqlite_api::sqlite3_reset(backend->stmt_);
  }

 private:
  struct Variable {
    std::string text;
    long long number = 0;
    soci::indicator indicator = soci::i_ok;
    bool is_number = false;
  };
  void Exchange(Variable& variable, const Value& value) {
    variable.is_number =
        value.kind() == Value::Kind::kInt || value.kind() == Value::Kind::kNull;
    if (variable.is_number) {
      statement_.exchange(soci::use(variable.number, variable.indicator));
    } else {
      statement_.exchange(soci::use(variable.text, variable.indicator));
    }
  }
  void Assign(Variable& variable, const Value& value) {
    variable.indicator = value.kind() == Value::Kind::kNull ? soci::i_null : soci::i_ok;
    if (variable.is_number) {
      variable.number = value.number();
    } else {
      variable.text.assign(value.text());
    }
  }
  soci::statement statement_;
  std::string sql_;
  std::string columns_;
  Engine engine_;
  bool is_bound_ = false;
  std::deque<Variable> in_;
  std::deque<Variable> out_;
};

struct Session::Impl {
  soci::session session;
  std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>
      statements;
};

Session::Session(Engine engine, std::string path)
    : engine_(engine), path_(std::move(path)), impl_(std::make_unique<Impl>()) {}

Session::~Session() {
  try {
    impl_->statements.clear();
    impl_.reset();
  } catch (...) {
    // Closing a dead session may complain; there is nobody left to tell.
  }
}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Target& target,
                                                       const StoreSettings& settings,
                                                       Access access) {
  std::unique_ptr<Session> session(new Session(target.engine, target.path));
  KONTOR_RETURN_IF_ERROR(session->Connect(target, settings, access));
  return session;
}

absl::Status Session::Connect(const Target& target, const StoreSettings& settings,
                              Access access) {
  try {
    if (target.engine == Engine::kPostgresql) {
      impl_->session.open(soci::postgresql, WithTimeouts(target.path, settings));
      // libpq would print what the server says to stderr, past the program's own log.
      PQsetNoticeProcessor(
          static_cast<soci::postgresql_session_backend*>(impl_->session.get_backend())->conn_,
          [](void*, const char*) {}, nullptr);
    } else {
      ConfigureSqlite();
      std::string text = base::StrCat("dbname=\"", target.path, "\"");
      if (access == Access::kOffline) text += " readonly=1";
      impl_->session.open(soci::sqlite3, text);
    }
  } catch (...) {
    return Failed();
  }
  std::vector<std::string> orders;
  if (target.engine == Engine::kPostgresql) {
    orders = {"set timezone = 'UTC'", "set client_encoding = 'UTF8'",
              "set standard_conforming_strings = on",
              base::StrCat("set statement_timeout = ",
                           absl::ToInt64Milliseconds(settings.statement_timeout)),
              base::StrCat("set lock_timeout = ",
                           absl::ToInt64Milliseconds(settings.busy_timeout))};
  } else {
    orders = {base::StrCat("pragma busy_timeout = ",
                           absl::ToInt64Milliseconds(settings.busy_timeout))};
    const int cache = access == Access::kReadWrite ? settings.cache_kib : settings.cache_kib / 8;
    if (access != Access::kOffline) {
      orders.insert(orders.end(), {"pragma journal_mode = wal", "pragma synchronous = full",
                                   "pragma wal_autocheckpoint = 8000",
                                   "pragma journal_size_limit = 67108864",
                                   "pragma temp_store = memory",
                                   base::StrCat("pragma cache_size = -", std::max(cache, 256))});
      if (settings.size_bytes_max > 0) {
        constexpr int64_t kPageBytes = 4096;
        orders.push_back(base::StrCat("pragma max_page_count = ",
                                      std::max<int64_t>(settings.size_bytes_max / kPageBytes, 1)));
      }
    }
    if (access != Access::kReadWrite) orders.emplace_back("pragma query_only = on");
  }
  for (const std::string& order : orders) KONTOR_RETURN_IF_ERROR(Control(order));
  ClearTrouble();
  return absl::OkStatus();
}

absl::StatusOr<Session::Statement*> Session::Prepared(std::string_view sql,
                                                      std::string_view columns,
                                                      size_t value_count) {
  if (auto found = impl_->statements.find(sql); found != impl_->statements.end()) {
    return found->second.get();
  }
  if (impl_->statements.size() >= kStatementsMax) impl_->statements.clear();
  auto made = std::make_unique<Statement>(impl_->session, engine_, ForEngine(sql, engine_),
                                          columns, value_count);
  return impl_->statements.emplace(std::string(sql), std::move(made)).first->second.get();
}

absl::StatusOr<Rows> Session::Run(std::string_view sql, std::string_view columns,
                                  const Value* values, size_t count, int64_t* affected) {
  for (size_t i = 0; i < count; ++i) {
    if (values[i].kind() != Value::Kind::kText) continue;
    if (!IsStorable(values[i].text())) {
      return base::Error(Reason::kTextInvalid).Says("a NUL, or a text that is not UTF-8");
    }
  }
  if (IsDead()) return first_error_;
  Rows rows;
  try {
    KONTOR_ASSIGN_OR_RETURN(Statement * statement, Prepared(sql, columns, count));
    if (!statement->Accepts(values)) {
      impl_->statements.erase(std::string(sql));
      KONTOR_ASSIGN_OR_RETURN(statement, Prepared(sql, columns, count));
    }
    statement->Bind(values);
    bool more = statement->Execute();
    if (affected != nullptr) *affected = statement->Affected();
    while (more && !columns.empty()) {
      rows.push_back(statement->Current());
      more = statement->Fetch();
    }
    statement->Finish();
  } catch (...) {
    absl::Status status = Failed();
    // A statement that failed may be half bound: the next use prepares it anew.
    impl_->statements.erase(std::string(sql));
    return status;
  }
  return rows;
}

absl::StatusOr<int64_t> Session::Execute(std::string_view sql,
                                         std::initializer_list<Value> values) {
  int64_t affected = 0;
  KONTOR_ASSIGN_OR_RETURN(Rows rows, Run(sql, "", values.begin(), values.size(), &affected));
  return affected;
}

absl::StatusOr<Rows> Session::Query(std::string_view sql, std::string_view columns,
                                    std::initializer_list<Value> values) {
  return Run(sql, columns, values.begin(), values.size(), nullptr);
}

absl::StatusOr<Rows> Session::QueryWith(std::string_view sql, std::string_view columns,
                                        const std::vector<Value>& values) {
  return Run(sql, columns, values.data(), values.size(), nullptr);
}

absl::StatusOr<std::optional<Row>> Session::QueryOne(std::string_view sql,
                                                     std::string_view columns,
                                                     std::initializer_list<Value> values) {
  KONTOR_ASSIGN_OR_RETURN(Rows rows, Run(sql, columns, values.begin(), values.size(), nullptr));
  if (rows.empty()) return std::optional<Row>();
  return std::optional<Row>(std::move(rows.front()));
}

absl::Status Session::Control(std::string_view sql) {
  if (IsDead()) return first_error_;
  try {
    impl_->session << std::string(sql);
  } catch (...) {
    return Failed();
  }
  return absl::OkStatus();
}

absl::Status Session::BeginWrite() {
  ClearTrouble();
  // `immediate` takes SQLite's write lock now: a deferred one could fail half way, without retry.
  return is_sqlite() ? Execute("begin immediate").status() : Control("begin");
}

absl::Status Session::BeginRead() {
  ClearTrouble();
  return is_sqlite() ? Execute("begin").status()
                     : Control("begin isolation level repeatable read read only");
}

absl::Status Session::Commit() {
  return is_sqlite() ? Execute("commit").status() : Control("commit");
}

void Session::Rollback() {
  if (IsDead()) return;
  if (is_sqlite()) {
    auto* backend = static_cast<soci::sqlite3_session_backend*>(impl_->session.get_backend());
    // Disk-full and I/O errors make SQLite roll back by itself.
    if (sqlite_api::sqlite3_get_autocommit(backend->conn_) != 0) return;
  }
  const absl::Status status = Control("rollback");
  if (!status.ok()) trouble_ = Trouble::kConnection;
}

absl::Status Session::Savepoint() {
  return is_sqlite() ? Execute("savepoint unit").status() : Control("savepoint unit");
}

absl::Status Session::ReleaseSavepoint() {
  return is_sqlite() ? Execute("release unit").status() : Control("release unit");
}

absl::Status Session::RollbackToSavepoint() {
  KONTOR_RETURN_IF_ERROR(Control("rollback to savepoint unit"));
  return ReleaseSavepoint();
}

absl::StatusOr<std::vector<std::string>> Session::WaitForNotices(absl::Duration wait) {
  std::vector<std::string> payloads;
  if (IsDead()) return first_error_;
  if (is_sqlite()) return payloads;
  PGconn* const connection =
      static_cast<soci::postgresql_session_backend*>(impl_->session.get_backend())->conn_;
  struct pollfd readable = {PQsocket(connection), POLLIN, 0};
  poll(&readable, 1, static_cast<int>(absl::ToInt64Milliseconds(wait)));
  if (PQconsumeInput(connection) == 0) {
    return Noted(Unavailable("the server closed the session"), Trouble::kConnection);
  }
  while (PGnotify* notice = PQnotifies(connection)) {
    payloads.emplace_back(notice->extra);
    PQfreemem(notice);
  }
  return payloads;
}

void Session::ForgetStatementTrouble() {
  if (trouble_ == Trouble::kStatement) ClearTrouble();
}

void Session::ClearTrouble() {
  if (IsDead()) return;
  trouble_ = Trouble::kNone;
  first_error_ = absl::OkStatus();
}

absl::Status Session::Noted(absl::Status status, Trouble trouble) {
  if (first_error_.ok() || trouble > trouble_) first_error_ = status;
  trouble_ = std::max(trouble_, trouble);
  return status;
}

absl::Status Session::Failed() {
  try {
    throw;
  } catch (const soci::sqlite3_soci_error& error) {
    const int code = error.result() & 0xFF;
    const std::string what = FirstLine(error.get_error_message());
    if (code == kSqliteConstraint) {
      return Noted(base::Error(Reason::kAlreadyExists).Says("the row exists"),
                   Trouble::kStatement);
    }
    if (code == kSqliteFull || (code == kSqliteIoError && DiskIsFull(path_))) {
      return Noted(base::Error(Reason::kStoreFull).Says(what), Trouble::kTransaction);
    }
    const bool is_wait = code == kSqliteBusy || code == kSqliteLocked;
    const bool is_outside = code == kSqliteReadOnly || code == kSqliteIoError || code > 10;
    return Noted(Unavailable(what), is_wait || is_outside ? Trouble::kTransaction
                                                          : Trouble::kStatement);
  } catch (const soci::postgresql_soci_error& error) {
    const std::string state = error.sqlstate();
    const std::string what = FirstLine(error.get_error_message());
    if (state.starts_with("23")) {
      return Noted(base::Error(Reason::kAlreadyExists).Says("the row exists"),
                   Trouble::kStatement);
    }
    if (state == "40001" || state == "40P01" || state == "55P03") {
      return Noted(Unavailable(what), Trouble::kRepeat);
    }
    if (state == "53100") {
      return Noted(base::Error(Reason::kStoreFull).Says(what), Trouble::kTransaction);
    }
    auto* backend = static_cast<soci::postgresql_session_backend*>(impl_->session.get_backend());
    const bool is_lost = backend == nullptr || PQstatus(backend->conn_) != CONNECTION_OK ||
                         state.starts_with("08") || state.starts_with("57P");
    return Noted(Unavailable(what), is_lost ? Trouble::kConnection : Trouble::kStatement);
  } catch (const soci::soci_error& error) {
    // Without a code: the session could not be opened, or was closed under us.
    return Noted(Unavailable(FirstLine(error.get_error_message())), Trouble::kConnection);
  } catch (const std::exception& error) {
    return Noted(base::Error(Reason::kInternal).Says(error.what()), Trouble::kTransaction);
  } catch (...) {
    return Noted(base::Error(Reason::kInternal).Says("an unknown exception"),
                 Trouble::kTransaction);
  }
}

}  // namespace kontor::store::internal
