// SPDX-License-Identifier: Apache-2.0
// From a name in any script to plain words that can be compared: the home of ICU.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kontor::screening::internal {

inline constexpr size_t kWordsMax = 40;  ///< Of one name; what is behind is not compared.

/// Words in a-z and 0-9.
using Words = std::vector<std::string>;

/// How a name may be read: transliterated, and, where it mixes scripts or digits into words, as it
/// looks. One reading at least, unless it has no letters; three at most. Thread-safe.
std::vector<Words> ReadingsOf(std::string_view name);

/// "ltd", "gmbh", "ooo" …: says what a company is by law, and nothing of who it is.
bool IsLegalForm(std::string_view word);
/// "mr", "sheikh", "al", "bin" …: stands in some spellings of a name and not in others.
bool IsParticle(std::string_view word);
/// "trading", "international", "bank" …: in so many names that it says little.
bool IsCommon(std::string_view word);
/// One spelling for words that stand for the same: "co" and "company", "intl" and "international",
/// "bill" and "william". The word itself when there is none.
std::string_view CanonicalWord(std::string_view word);
/// The consonants as they sound, a mark for a vowel in front: what spellings of a name by ear have
/// in common. "mohammed" and "muhamad" are "mhmd".
std::string SkeletonOf(std::string_view word);

}  // namespace kontor::screening::internal
