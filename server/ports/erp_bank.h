// SPDX-License-Identifier: Apache-2.0
// What bank statements ask of an ERP, beside documents (erp.h). Every changing call is repeatable:
// it creates what is absent and changes nothing that stands.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/date.h"
#include "server/base/decimal.h"
#include "server/model/catalogue.h"
#include "server/model/money.h"
#include "server/model/operation.h"

namespace kontor::ports {

/// A booked line on its way. Odoo books it at once, against the journal's suspense account.
struct StatementLineDraft {
  std::string external_id;       ///< Bare name under module `kontor`.
  base::Date date;               ///< Booking day.
  model::Money amount;           ///< Signed, in the journal's currency.
  std::string label;             ///< Not empty; what people see.
  std::string reference;
  std::string partner_name;      ///< As the bank wrote it; may be empty.
  std::string account_number;    ///< The other party's; may be empty.
  std::string transaction_type;  ///< Such as PMNT/RCDT/ESCT; may be empty.
  std::string narration;
};

/// What groups the lines.
struct StatementDraft {
  std::string external_id;
  std::string name;
  std::optional<base::Decimal> opening;
  std::optional<base::Decimal> closing;
  std::vector<int64_t> line_ids;   ///< Of lines that CreateStatementLines answered; not empty.
};

/// Money that was awaited: the line's counterpart goes to the account on which the payments wait.
struct StatementLineSettlement {
  model::ErpRecord line;
  /// Bare external ids of payments of kontor's, or Odoo's own "account.payment,7" of another's.
  std::vector<std::string> payments;
  std::string account_code;           ///< Empty: the account that the payments themselves wait on.
};

/// A line as it stands in Odoo, whoever made it.
struct StatementLineSeen {
  model::ErpRecord record;
  std::string external_id;       ///< Bare name under module `kontor`; empty: not kontor's.
  std::string journal_code;
  base::Date date;
  model::Money amount;           ///< Signed, in the journal's currency.
  std::string state;             ///< draft, posted, cancel.
};
struct StatementLinePage {
  std::vector<StatementLineSeen> lines;
  int64_t next_id = 0;
  bool more = false;
};

/// A statement as it stands in Odoo.
struct StatementSeen {
  int64_t id = 0;
  base::Decimal closing;         ///< As it was entered.
  base::Decimal computed;        ///< Opening balance and its lines.
};

/// Thread-safe. Statuses as in erp.h; deadlines likewise.
class ErpBank {
 public:
  virtual ~ErpBank() = default;
  /// All or nothing; at most 200 of one journal. JOURNAL_UNKNOWN, what Odoo refuses.
  virtual absl::StatusOr<std::vector<model::ErpRecord>> CreateStatementLines(
      int64_t company_id, const model::Catalogue& catalogue, const std::string& journal_code,
      std::span<const StatementLineDraft> lines, absl::Time deadline) = 0;
  virtual absl::StatusOr<model::ErpRecord> CreateStatement(int64_t company_id,
                                                           const StatementDraft& statement,
                                                           absl::Time deadline) = 0;
  /// Books the line against the awaited payments instead of the suspense account, and reconciles
  /// the two. What people did with the line meanwhile is left alone (STATE_CONFLICT, refused).
  virtual absl::Status SettleStatementLine(int64_t company_id, const model::Catalogue& catalogue,
                                           const StatementLineSettlement& settlement,
                                           absl::Time deadline) = 0;
  /// Lines of the journal in [from, to] with id > after_id, by id; `limit` 1 to 2000.
  virtual absl::StatusOr<StatementLinePage> ReadStatementLines(
      int64_t company_id, const model::Catalogue& catalogue, const std::string& journal_code,
      const base::Date& from, const base::Date& to, int64_t after_id, int limit,
      absl::Time deadline) = 0;
  /// Those of the lines that are there, wherever and whenever.
  virtual absl::StatusOr<std::vector<StatementLineSeen>> FindStatementLines(
      int64_t company_id, const model::Catalogue& catalogue, const std::vector<int64_t>& ids,
      absl::Time deadline) = 0;
  /// Those of the statements that are there.
  virtual absl::StatusOr<std::vector<StatementSeen>> FindStatements(
      int64_t company_id, const std::vector<int64_t>& ids, absl::Time deadline) = 0;
};

}  // namespace kontor::ports
