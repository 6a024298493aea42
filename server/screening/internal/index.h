// SPDX-License-Identifier: Apache-2.0
// The names of all lists, found by their words: of many thousand names only those whose words are
// so much like a payee's that they may be alike are compared. The answer is the same as if all
// were.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/ports/screening.h"
#include "server/screening/internal/likeness.h"
#include "server/screening/internal/vocabulary.h"

namespace kontor::screening::internal {

inline constexpr size_t kIndexedNamesMax = 2'000'000;

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
  /// The best match of each entry from `threshold` on, which is 1 to 100, the most alike first.
  std::vector<Match> Find(std::string_view payee, int threshold) const;
  const std::string& TextOf(uint32_t name) const { return names_[name].text; }
  bool IsWeak(uint32_t name) const { return names_[name].weak; }
  size_t size() const { return names_.size(); }

 private:
  struct Entry {
    uint32_t party = 0;
    bool weak = false;
    std::string text;  ///< In the list's own spelling.
    ComparedName name;
  };
  struct Tally {
    Common common;
    size_t part = 0;  ///< The payee's part that was counted last, from 1.
  };

  /// Names that Compare may find alike, by number.
  std::vector<uint32_t> Candidates(const ComparedName& payee, int threshold) const;

  std::vector<IndexedParty> parties_;
  std::vector<Entry> names_;
  Vocabulary words_;
  Vocabulary pairs_;  ///< Two words next to each other, as one.
};

}  // namespace kontor::screening::internal
