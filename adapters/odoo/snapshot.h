// SPDX-License-Identifier: Apache-2.0
// Reading records back as ErpSnapshots: amounts exact at their currency's scale, states in one
// vocabulary. Changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// Codes of journals by id: moves name their journal, not its code. Thread-safe; a code that a
/// person changes is learnt with the next catalogue.
class JournalCodes {
 public:
  /// Codes of all `ids`, reading the unknown ones.
  absl::StatusOr<std::map<int64_t, std::string>> Of(Work& work, std::vector<int64_t> ids);
  void Put(int64_t id, const std::string& code);

 private:
  std::mutex mutex_;
  std::map<int64_t, std::string> codes_;
};

/// Digits of a currency; one that ISO 4217 does not list is taken as it comes.
int ScaleOf(const std::string& currency_code);
/// What is paid of a posted payment with an entry, by its residual; else empty.
std::string PaymentStateOf(const ports::ErpSnapshot& payment);

const std::vector<std::string>& MoveFields();
std::vector<std::string> PaymentFields(const Dialect& dialect);

/// Snapshots of rows of MoveFields() / PaymentFields(), in the rows' order; for payments their
/// moves and open lines are read too.
absl::StatusOr<std::vector<ports::ErpSnapshot>> MoveSnapshots(Work& work, JournalCodes& journals,
                                                              const std::vector<Json>& rows);
absl::StatusOr<std::vector<ports::ErpSnapshot>> PaymentSnapshots(Work& work, JournalCodes& journals,
                                                                 const std::vector<Json>& rows);
/// Records of account.move, account.payment and res.partner, in the caller's order; exists = false
/// for those that are gone or out of reach.
absl::StatusOr<std::vector<ports::ErpSnapshot>> ReadSnapshots(
    Work& work, JournalCodes& journals, std::span<const model::ErpRecord> records);

}  // namespace kontor::odoo
