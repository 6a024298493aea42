// SPDX-License-Identifier: Apache-2.0
// The loop of bank statements: files are taken from channels, kept as they came, read twice (once
// to prove them, once to store their lines), matched with payment orders and put into Odoo. No
// network, no SQL, no proto, no format.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/engine/comparison.h"
#include "server/model/bank.h"
#include "server/model/catalogue.h"
#include "server/ports/actor.h"
#include "server/ports/bank_channel.h"
#include "server/ports/codec.h"
#include "server/ports/crypto.h"
#include "server/ports/erp_bank.h"
#include "server/ports/settlement.h"
#include "server/ports/store.h"

namespace kontor::statements {

/// FlowRow::kind of files and of statements; prefixes of their ids.
inline constexpr char kFileKind[] = "bank_file";
inline constexpr char kStatementKind[] = "statement";
inline constexpr std::string_view kFilePrefix = "bkf_";
inline constexpr std::string_view kStatementPrefix = "stm_";

/// Times and sizes; server/app fills them from the configuration ([banks]).
struct Settings {
  std::string node;
  absl::Duration look_interval = absl::Seconds(30);  ///< How often what waits is looked at.
  absl::Duration retry_first = absl::Seconds(5);
  absl::Duration retry_max = absl::Minutes(10);
  absl::Duration call_timeout = absl::Seconds(90);   ///< Of one call to Odoo.
  absl::Duration lease_ttl = absl::Seconds(150);     ///< Must outlive call_timeout.
  absl::Duration exception_deadline = absl::Hours(48);
  int64_t file_bytes_max = int64_t{1} << 30U;
  int poll_files_max = 100;   ///< Of one channel in one go.
  int lines_a_unit = 500;     ///< Stored in one transaction.
  int lines_a_call = 50;      ///< Put into Odoo in one call; at most 200.
  int64_t lines_a_group_max = 100000;  ///< Of one statement in Odoo; more stand without one.
};

/// An entity's place in Odoo, ready to be used.
struct Book {
  std::shared_ptr<void> keeps;          ///< Whatever must live as long as `bank` is used.
  ports::ErpBank* bank = nullptr;       ///< Null: the ERP takes no statements.
  int64_t company_id = 0;
  std::string connection;
  std::shared_ptr<const model::Catalogue> catalogue;
  bool shadow = false;                  ///< Nothing may be sent.
};
/// Errors that may pass: the connection rests, is paused or cannot be reached.
using OpenBook = std::function<absl::StatusOr<Book>(const std::string& entity)>;

struct Dependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  const ports::Crypto& crypto;
  const ports::BankCodec& codec;
  ports::BankChannelFactory channels;
  OpenBook open_book;
  ports::Settlement* settlement = nullptr;  ///< Null: no payment orders; people match.
  ports::StatusSink* statuses = nullptr;    ///< Null: status reports are for people.
  std::function<void(const std::string& event,
                     const std::vector<std::pair<std::string, std::string>>& fields)>
      log;
  std::function<void(const char* name)> failpoint;  ///< May be empty.
  /// For comparisons, which no pause stops; empty: as open_book.
  OpenBook open_to_read;
};

struct ImportRequest {
  std::string file_name;     ///< At most 255 characters.
  std::string channel;       ///< Name; empty: none.
  std::string csv_mapping;   ///< JSON; empty: the accounts' own.
  std::string request_id;
  std::string sha256;        ///< Hex, of the bytes.
  int64_t bytes = 0;
  bool sealed = false;  ///< Its channel opens it before it is read.
};

/// Something as it stands, for answers: the contract's JSON (snake_case), unmasked.
struct View {
  std::string id;
  std::string entity;
  std::string json;
};

struct Imported {
  View file;
  std::vector<View> statements;
  bool repeated = false;
};

/// Thread-safe. Methods block on the store.
class Statements {
 public:
  virtual ~Statements() = default;
  /// Takes the lease and starts the threads.
  virtual absl::Status Start() = 0;
  virtual void Stop(absl::Time deadline) = 0;

  /// Keeps a file; reading it goes on by itself. The same bytes are the same file, for ever.
  /// CHANNEL_UNKNOWN, FIELD_INVALID, TOO_LARGE, ENTITY_DENIED for a channel that serves others'.
  virtual absl::StatusOr<Imported> Import(const ports::Actor& actor, const ImportRequest& request,
                                          ports::ByteSource& bytes) = 0;
  /// Keeps a file that the bank pushed by one of our channels; its word counts as the bank's.
  /// Answers the file's id. TOO_LARGE.
  virtual absl::StatusOr<std::string> Receive(const std::string& channel, const std::string& name,
                                              const std::string& bytes) = 0;
  /// Waits until the file is read, or until `deadline`; what is known of it then.
  virtual absl::StatusOr<Imported> WaitFor(const ports::Actor& actor, const std::string& file_id,
                                           absl::Time deadline) = 0;
  virtual absl::StatusOr<View> GetStatement(const ports::Actor& actor, const std::string& id) = 0;
  /// `account`: number of one of ours, or empty.
  virtual absl::StatusOr<ports::Listed<View>> ListStatements(const ports::Actor& actor,
                                                             const ports::FlowFilter& filter,
                                                             const std::string& account,
                                                             const ports::Page& page) = 0;
  virtual absl::StatusOr<ports::Listed<View>> ListLines(const ports::Actor& actor,
                                                        const std::string& id,
                                                        const ports::Page& page) = 0;
  virtual absl::StatusOr<ports::Listed<View>> ListFiles(const ports::Actor& actor,
                                                        const ports::FlowFilter& filter,
                                                        const ports::Page& page) = 0;
  /// JSON of GetCashPositionResponse.
  virtual absl::StatusOr<std::string> CashPosition(const ports::Actor& actor,
                                                   const std::string& entity,
                                                   const std::string& currency) = 0;
  /// Lines and closing balances of the entity's bank journals against Odoo; nothing for an entity
  /// without accounts of ours. Changes nothing. Blocks on Odoo; what opening its book answers.
  virtual absl::StatusOr<engine::BankComparison> CompareWithOdoo(const std::string& entity,
                                                                 const base::Date& from,
                                                                 const base::Date& to) = 0;

  /// For tests: does everything that is due by the clock, on the calling thread, until nothing is.
  virtual bool RunUntilIdle() = 0;
};

std::unique_ptr<Statements> MakeStatements(Dependencies dependencies, Settings settings,
                                           bool threads);

/// Failpoints of the loop, for tests that hit each once.
inline constexpr const char* kFailpoints[] = {
    "statement.before_keep",      "statement.after_keep",   "statement.after_taken",
    "statement.after_survey",     "statement.after_begin",  "statement.after_lines",
    "statement.after_revoked",    "statement.after_import", "statement.after_match",
    "statement.after_odoo_lines", "statement.after_posted",
};

}  // namespace kontor::statements
