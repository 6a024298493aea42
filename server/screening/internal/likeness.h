// SPDX-License-Identifier: Apache-2.0
// How alike two names are, in whole percent, and why. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/ports/screening.h"
#include "server/screening/internal/fold.h"

namespace kontor::screening::internal {

/// A word of a name, with what it says about who is meant.
struct NameWord {
  std::string text;  ///< As CanonicalWord has it.
  std::string skeleton;
  int weight = 0;  ///< 0: stands in some spellings and not in others.
  bool common = false;
};

/// One word, or two next to each other as one: "aero caribbean" may be "aerocaribbean".
struct NamePart {
  size_t first = 0;
  size_t count = 1;
  NameWord word;
};

/// A name ready for comparison: legal forms are gone, unless there is nothing else.
struct ComparedName {
  std::vector<NameWord> words;
  std::vector<NamePart> parts;  ///< Single words first.
  int weight = 0;               ///< Of all words.
  int telling = 0;              ///< Words that are neither particles nor common.
};
ComparedName MakeName(const Words& words);

/// 0 to 100. Spellings by ear, slips of the pen, initials.
int LikenessOf(const NameWord& a, const NameWord& b);

struct Verdict {
  int percent = 0;
  std::string words;  ///< "mohamed ~ muhammad (92 %), laden = laden".
};
/// Whether the two have so much in common, word by word, that Compare may find them alike. Cheap.
bool MayBeAlike(const ComparedName& payee, const ComparedName& listed);
/// A payee's name against a listed one. Order of words does not matter; what is missing or comes on
/// top costs, more with companies than with persons. A weak spelling must be there as a whole.
Verdict Compare(const ComparedName& payee, const ComparedName& listed, ports::ListedType type,
                bool weak);

}  // namespace kontor::screening::internal
