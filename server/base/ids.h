// SPDX-License-Identifier: Apache-2.0
// ULIDs with a type prefix (DESIGN 4): sortable by creation, unguessable in their last 80 bits.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "server/base/clock.h"

namespace kontor::base {

/// `prefix` + 26 characters of Crockford's base 32. Monotonic within a process: two ids of the
/// same millisecond sort in the order they were made. Thread-safe.
class IdSource {
 public:
  /// `random` fills 10 bytes; it comes from crypto in the service, from a seed in tests.
  IdSource(const Clock& clock, std::function<void(uint8_t* bytes, size_t count)> random)
      : clock_(clock), random_(std::move(random)) {}
  /// prefix such as "inv_".
  std::string Next(std::string_view prefix);

 private:
  const Clock& clock_;
  std::function<void(uint8_t*, size_t)> random_;
  std::mutex mutex_;
  uint64_t last_ms_ = 0;
  uint8_t last_random_[10] = {};
};

/// A source for tests: the same seed gives the same ids.
std::function<void(uint8_t*, size_t)> SeededRandom(uint64_t seed);

/// Whether `id` is `prefix` followed by a well-formed ULID.
bool IsId(std::string_view id, std::string_view prefix);

inline constexpr std::string_view kInvoicePrefix = "inv_";
inline constexpr std::string_view kBillPrefix = "bil_";
inline constexpr std::string_view kCreditNotePrefix = "crn_";
inline constexpr std::string_view kPaymentPrefix = "pay_";
inline constexpr std::string_view kJournalEntryPrefix = "jrn_";
inline constexpr std::string_view kClaimPrefix = "clm_";
inline constexpr std::string_view kPartnerPrefix = "prt_";
inline constexpr std::string_view kOperationPrefix = "opn_";
inline constexpr std::string_view kEventPrefix = "evt_";
inline constexpr std::string_view kEndpointPrefix = "whe_";
inline constexpr std::string_view kDeliveryPrefix = "dlv_";
inline constexpr std::string_view kExceptionPrefix = "exc_";
inline constexpr std::string_view kPrincipalPrefix = "prn_";
inline constexpr std::string_view kTokenPrefix = "tok_";
inline constexpr std::string_view kConnectionPrefix = "con_";
inline constexpr std::string_view kEntityPrefix = "ent_";
inline constexpr std::string_view kProposalPrefix = "prp_";
inline constexpr std::string_view kCorrelationPrefix = "cor_";
inline constexpr std::string_view kSourcePrefix = "src_";
inline constexpr std::string_view kInboundPrefix = "inb_";
inline constexpr std::string_view kExpensePrefix = "exp_";
inline constexpr std::string_view kBlobPrefix = "blb_";

}  // namespace kontor::base
