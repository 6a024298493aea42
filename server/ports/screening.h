// SPDX-License-Identifier: Apache-2.0
// Whether somebody stands on a sanctions list. Behind a port, so that a service can take the place
// of list files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/date.h"
#include "server/model/payment_policy.h"
#include "server/ports/codec.h"

namespace kontor::ports {

enum class ListedType { kUnknown, kPerson, kEntity, kVessel, kAircraft };
/// "PERSON", "ENTITY" …; "UNKNOWN".
std::string_view NameOf(ListedType type);

/// One spelling of a listed party.
struct ListedName {
  std::string text;
  bool weak = false;  ///< The list itself calls it of low quality.
  friend bool operator==(const ListedName&, const ListedName&) = default;
};

/// One entry of a list, whatever list it is.
struct ListedParty {
  std::string id;  ///< The list's own, which stays when the entry changes.
  ListedType type = ListedType::kUnknown;
  std::vector<ListedName> names;  ///< The main name first.
  std::vector<std::string> programmes;
  friend bool operator==(const ListedParty&, const ListedParty&) = default;
};

/// Told of a list's entries in the file's order. Objects are lent for the call only. Provisional
/// until the reading function answers OK.
class ListedPartySink {
 public:
  virtual ~ListedPartySink() = default;
  virtual absl::Status OnParty(const ListedParty& party) = 0;
  /// A programme of an entry that was told of before.
  virtual absl::Status OnProgramme(std::string_view party_id, std::string_view programme) = 0;
};

struct ListReport {
  std::string format;  ///< As in ScreeningList::format.
  std::optional<model::Date> published;  ///< As the file says; tables do not say.
  int64_t party_count = 0;
  int64_t name_count = 0;
};

/// Reads list files: constant memory whatever their size. Stateless and thread-safe.
class ScreeningListReader {
 public:
  virtual ~ScreeningListReader() = default;
  /// Recognises the format by the content. FORMAT_UNKNOWN, FORMAT_INVALID, FORMAT_TRUNCATED,
  /// FORMAT_LIMIT, XML_FORBIDDEN, what the source or the sink answers.
  virtual absl::StatusOr<ListReport> Read(ByteSource& source, ListedPartySink& sink) const = 0;
};

struct ScreenedParty {
  std::string name;
  std::string country_code;  ///< May be empty.
};

struct ScreeningHit {
  size_t party = 0;        ///< Index of the party.
  std::string list;        ///< Such as ofac.
  std::string entry_id;    ///< As the list names it.
  std::string entry_digest;  ///< Of all that the list says of the entry; changes with it.
  std::string entry_name;  ///< Its main name, in the list's own spelling.
  std::string name;        ///< The spelling that is alike, main name or alias.
  bool weak = false;       ///< The list calls that spelling weak.
  ListedType type = ListedType::kUnknown;
  std::string programmes;  ///< Joined by ", ".
  int likeness_percent = 0;
  /// Which words are alike, for people: "mohamed ~ muhammad (90 %), laden ~ ladin (90 %)".
  std::string words;
  /// The last hit of its party that is told, although more entries are alike: nobody may clear
  /// those that are told and believe to have seen all.
  bool more = false;
};

/// A list as it is screened against.
struct ListFacts {
  std::string name;
  std::string format;
  std::string sha256;
  std::optional<model::Date> published;
  int64_t party_count = 0;
};

/// Thread-safe. Screen may block on a service.
class Screening {
 public:
  virtual ~Screening() = default;
  /// Every hit of every party, the most alike first; empty: nobody is listed.
  virtual absl::StatusOr<std::vector<ScreeningHit>> Screen(
      std::span<const ScreenedParty> parties) = 0;
  virtual const std::vector<ListFacts>& Lists() const = 0;
};

/// Makes the screening of rules. FAILED_PRECONDITION (LIST_STALE) when a list is missing or not
/// the one that was activated.
using ScreeningFactory = std::function<absl::StatusOr<std::shared_ptr<Screening>>(
    const model::ScreeningRules& rules)>;

inline std::string_view NameOf(ListedType type) {
  constexpr std::string_view kNames[] = {"UNKNOWN", "PERSON", "ENTITY", "VESSEL", "AIRCRAFT"};
  return kNames[static_cast<size_t>(type)];
}

}  // namespace kontor::ports
