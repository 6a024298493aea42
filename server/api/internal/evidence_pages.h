// SPDX-License-Identifier: Apache-2.0
// An export of evidence in pages: gathered once, sealed with its manifest, and kept for as long as
// a caller may take to fetch it, so that all pages are of one moment. Where it is not kept any more
// it is gathered again, and goes on only when it is the same to the byte.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kontor/v1/evidence.pb.h"
#include "server/base/clock.h"
#include "server/crypto/ed25519.h"
#include "server/engine/payment_orders/payment_orders.h"

namespace kontor::api::internal {

struct EvidenceLimits {
  size_t page_bytes = size_t{2} << 20U;
  size_t kept_max = 8;                         ///< Exports at any time; the oldest gives way.
  size_t kept_bytes_max = size_t{128} << 20U;  ///< Of all of them.
  absl::Duration kept_for = absl::Minutes(5);  ///< Since it was last asked for.
};

/// Thread-safe.
class EvidencePages {
 public:
  using Gather = std::function<absl::StatusOr<payment_orders::Evidence>(const ports::Actor& actor,
                                                                        const std::string& any_id)>;
  EvidencePages(Gather gather, const crypto::Ed25519PrivateKey& key, const base::Clock& clock,
                EvidenceLimits limits);

  /// Errors as ExportEvidence has them; PAGE_TOKEN_INVALID.
  absl::StatusOr<::kontor::v1::ExportEvidenceResponse> Page(const ports::Actor& actor,
                                                            const std::string& any_id,
                                                            const std::string& token);

 private:
  using Files = std::vector<payment_orders::EvidenceFile>;
  struct Bundle {
    Files files;         ///< By path.
    std::string digest;  ///< Of those.
    Files seal;          ///< The manifest and what it is checked with; never cut.
    size_t bytes = 0;
  };
  struct Kept {
    std::string caller;  ///< Who asked for what, with which rights.
    std::shared_ptr<const Bundle> bundle;
    absl::Time asked;
  };

  absl::StatusOr<std::shared_ptr<const Bundle>> Make(const ports::Actor& actor,
                                                     const std::string& any_id) const;
  static absl::StatusOr<::kontor::v1::ExportEvidenceResponse> Cut(const Bundle& bundle, size_t file,
                                                                  size_t offset, size_t room);
  absl::Status Seal(const std::string& any_id, const std::string& audit_head, Bundle& bundle) const;
  std::shared_ptr<const Bundle> Find(const std::string& caller, const std::string& digest);
  void Keep(const std::string& caller, std::shared_ptr<const Bundle> bundle);
  void Drop();

  const Gather gather_;
  const crypto::Ed25519PrivateKey key_;
  const base::Clock& clock_;
  const EvidenceLimits limits_;
  mutable std::mutex gathering_;
  std::mutex mutex_;
  std::list<Kept> kept_;  ///< The last one asked for in front.
};

}  // namespace kontor::api::internal
