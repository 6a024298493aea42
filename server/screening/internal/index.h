// SPDX-License-Identifier: Apache-2.0
// The names of all lists, found by what they sound like: of many thousand names only those that
// share half of their sounds with a payee's are compared letter by letter.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "server/ports/screening.h"
#include "server/screening/internal/likeness.h"

namespace kontor::screening::internal {

inline constexpr size_t kIndexedNamesMax = 2'000'000;
inline constexpr size_t kHitsMax = 20;  ///< Of one payee; the most alike.

/// An entry as a hit tells of it.
struct IndexedParty {
  uint32_t list = 0;
  std::string id;
  std::string name;
  std::string digest;
  std::string programmes;
  ports::ListedType type = ports::ListedType::kUnknown;
};

/// Built once, then constant and shared by threads.
class Index {
 public:
  /// False: there is no room for more names.
  bool Add(uint32_t party, const ports::ListedName& name);
  std::vector<IndexedParty>& parties() { return parties_; }
  const std::vector<IndexedParty>& parties() const { return parties_; }

  struct Match {
    uint32_t party = 0;
    uint32_t name = 0;
    Verdict verdict;
  };
  /// The best match of each entry from `threshold` on, the most alike first.
  std::vector<Match> Find(std::string_view payee, int threshold) const;
  const std::string& TextOf(uint32_t name) const { return names_[name].text; }
  bool IsWeak(uint32_t name) const { return names_[name].weak; }
  size_t size() const { return names_.size(); }

 private:
  struct Entry {
    uint32_t party = 0;
    bool weak = false;
    uint16_t sounds = 0;  ///< How many it has.
    std::string text;     ///< In the list's own spelling.
    ComparedName name;
  };
  static constexpr size_t kSymbols = 38;  ///< a-z, 0-9, begin, end.

  std::vector<IndexedParty> parties_;
  std::vector<Entry> names_;
  std::array<std::vector<uint32_t>, kSymbols * kSymbols> by_sound_;

  static std::vector<uint16_t> SoundsOf(const ComparedName& name);
};

}  // namespace kontor::screening::internal
