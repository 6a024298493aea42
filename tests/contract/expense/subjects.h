// SPDX-License-Identifier: Apache-2.0
// The adapters under test, each with what only its platform knows: what a report looks like there
// and where its simulator keeps what it was told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/ports/expense_source.h"
#include "tests/contract/expense/platform.h"

namespace kontor::expense::contract {

/// The client that the simulators let in.
inline constexpr char kClient[] = "kontor";
inline constexpr char kClientSecret[] = "sim-client-secret-0123456789";

struct Subject {
  std::string name;
  /// Part of the path of each call, for faults.
  std::string fetch_path;
  std::string acknowledge_path;
  std::string posting_path;
  std::string payment_path;
  /// Whether an answer of 200 may hold items that failed.
  bool answers_by_item = false;
  /// A report as the platform writes it, of 119.00 EUR with 19.00 recoverable tax.
  json (*report)(const std::string& number);
  /// The message that brings or announces it.
  std::string (*message)(const json& report);
  /// How often the simulator holds this report as told.
  size_t (*posted)(const json& state, const std::string& ref);
  size_t (*failed)(const json& state, const std::string& ref);
  size_t (*paid)(const json& state, const std::string& ref);
  /// Who approved it; Ramp does not say who.
  std::string approver = "B-1";
};

const std::vector<Subject>& Subjects();

/// One platform with one adapter at it.
class Rig {
 public:
  explicit Rig(const Subject& subject, const std::string& client_secret = kClientSecret);

  const Platform& platform() const { return platform_; }
  ports::ExpenseSource& adapter() { return *adapter_; }
  const ports::ExpenseCapabilities& can() const { return adapter_->capabilities(); }
  absl::Time Soon() const { return clock_.Now() + absl::Seconds(20); }
  /// Puts a report on the platform and reads it, by whatever way the adapter takes.
  ports::PlatformReport Take(const std::string& number);
  /// As Take, and acknowledged where the platform wants it.
  ports::PlatformReport TakeAndAcknowledge(const std::string& number);

 private:
  const Subject& subject_;
  base::SystemClock clock_;
  Platform platform_;
  std::shared_ptr<ports::ExpenseSource> adapter_;
};

ports::PostingReceipt Posted(const ports::PlatformReport& report);
ports::PostingReceipt Failed(const ports::PlatformReport& report);
ports::PaymentReceipt Paid(const ports::PlatformReport& report);

/// The same test for each subject, named in what it prints.
void ForEach(const std::function<void(const Subject&)>& test);

}  // namespace kontor::expense::contract
