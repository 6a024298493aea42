// SPDX-License-Identifier: Apache-2.0
// Sanctions lists at rest: a file that one person imports becomes a proposed version of the policy
// "lists", and is gone by once another person activated that. No network, no SQL, no proto.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/payment_orders/policies.h"
#include "server/ports/screening.h"

namespace kontor::payment_orders {

/// FlowRow::kind of imported lists.
inline constexpr char kListKind[] = "screening_list";
inline constexpr std::string_view kListPrefix = "scl_";

struct ListDependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  const ports::Crypto& crypto;
  const ports::ScreeningListReader& reader;
  Policies& policies;
  int64_t file_bytes_max = 0;
};

struct ListImport {
  std::string request_id;
  std::string list;  ///< ofac, eu, un …
  std::string file_name;
  std::string sha256;  ///< Of the bytes, hex.
  std::optional<model::Date> published;
  std::string reason;
};

enum class ListState { kLoaded, kProposed, kActive };

/// An imported list.
struct LoadedList {
  std::string name;
  std::string format;
  std::string file_name;
  std::string sha256;
  model::Date published;
  int64_t party_count = 0;
  int64_t name_count = 0;
  std::string importer;
  absl::Time imported;
  ListState state = ListState::kLoaded;
  std::string policy_version;  ///< That names it; empty: none.
  bool stale = false;
};

struct ImportedList {
  LoadedList list;
  std::string policy_version;  ///< Proposed; empty: the active one names these bytes already.
  std::string policy_digest;
  int64_t active_party_count = 0;  ///< Of the list of this name in force; 0: there is none.
};

struct ScreeningStatus {
  std::vector<LoadedList> lists;  ///< Those in force first, then the newest first.
  std::string policy_version;
  int threshold_percent = 0;
  int stale_after_days = 0;
};

/// A list's bytes and what its import said of them.
struct ListBytes {
  std::unique_ptr<ports::ByteSource> bytes;
  model::Date published;
};

/// Thread-safe; blocks on the store.
class ScreeningLists {
 public:
  using OpenBytes = std::function<std::unique_ptr<ports::ByteSource>()>;
  explicit ScreeningLists(ListDependencies dependencies) : deps_(dependencies) {}

  /// Reads the bytes twice: the first time proves them, the second keeps them. Errors as in
  /// proto/kontor/v1/screening.proto. Repeatable by its request id.
  absl::StatusOr<ImportedList> Import(const ports::Actor& actor, const ListImport& request,
                                      const OpenBytes& open);
  absl::StatusOr<ScreeningStatus> Status();
  /// By SHA-256; NOT_FOUND.
  absl::StatusOr<ListBytes> Open(const std::string& sha256);

 private:
  const ListDependencies deps_;
};

/// POLICY_INVALID unless each list that a content names was imported in that format. Runs in a
/// read.
absl::Status CheckListsAreLoaded(ports::ReadView& view, const std::string& content);
/// Whether a list of that day is older than the rules allow.
bool IsStale(const model::ScreeningRules& rules, const std::string& list,
             const model::Date& published, absl::Time now);
/// Days after which the list is stale; 0: never.
int StaleAfter(const model::ScreeningRules& rules, const std::string& list);

}  // namespace kontor::payment_orders
