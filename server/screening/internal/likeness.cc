// SPDX-License-Identifier: Apache-2.0
#include "server/screening/internal/likeness.h"

#include <algorithm>
#include <array>

#include "server/base/strings.h"

namespace kontor::screening::internal {
namespace {

using base::StrCat;
using ports::ListedType;

constexpr int kByShortSound = 80;
constexpr int kMergedCost = 1;   ///< Of "aero caribbean" for "aerocaribbean".
constexpr int kExtraPerson = 3;  ///< Of each further name of a person.
constexpr int kExtraPersonMax = 12;
constexpr int kExtraCompany = 2;  ///< Of each further word around a listed company's name.
constexpr int kExtraCompanyMax = 10;
constexpr int kExtraSingle = 4;  ///< The same, around a listed name of one word.
constexpr int kExtraSingleMax = 15;
constexpr size_t kSingleLettersLeast = 4;

/// Damerau and Levenshtein's distance between neighbours that changed places, too; words are cut at
/// kWordBytesMax.
int Distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kWordBytesMax);
  b = b.substr(0, kWordBytesMax);
  std::array<std::array<int, kWordBytesMax + 1>, 3> rows{};
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& before = rows[(i + 2) % 3];
    const auto& second = rows[(i + 1) % 3];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({row[j - 1] + 1, before[j] + 1, before[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], second[j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

bool HasDigit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

std::vector<NamePart> PartsOf(const std::vector<NameWord>& words) {
  std::vector<NamePart> parts;
  for (size_t i = 0; i < words.size(); ++i) parts.push_back({i, 1, words[i]});
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const NameWord& a = words[i];
    const NameWord& b = words[i + 1];
    NamePart part{i, 2, {StrCat(a.text, b.text), "", a.weight + b.weight, false}};
    part.word.skeleton = SkeletonOf(part.word.text);
    parts.push_back(std::move(part));
  }
  return parts;
}

struct Pair {
  const NamePart* payee = nullptr;
  const NamePart* listed = nullptr;
  int percent = 0;
};

struct Aligned {
  int payee = 0;  ///< Covered weight times percent.
  int listed = 0;
  int payee_extra = 0;  ///< Telling words without a partner.
  int listed_extra = 0;
  std::string words;
};

bool IsFree(const std::vector<bool>& used, const NamePart& part) {
  for (size_t i = part.first; i < part.first + part.count; ++i) {
    if (used[i]) return false;
  }
  return true;
}

void Use(std::vector<bool>& used, const NamePart& part) {
  for (size_t i = part.first; i < part.first + part.count; ++i) used[i] = true;
}

int ExtraOf(const ComparedName& name, const std::vector<bool>& used) {
  int extra = 0;
  for (size_t i = 0; i < name.words.size(); ++i) {
    if (!used[i] && name.words[i].weight > 0 && !name.words[i].common) ++extra;
  }
  return extra;
}

/// Nearly: two words never sound like one that is half as long.
bool AreOfOneLength(const NameWord& a, const NameWord& b) {
  const size_t longer = std::max(a.text.size(), b.text.size());
  return std::min(a.text.size(), b.text.size()) * 3 >= longer * 2;
}

/// Pairs words, the most alike first.
Aligned Align(const ComparedName& payee, const ComparedName& listed) {
  std::vector<Pair> pairs;
  for (const NamePart& a : payee.parts) {
    for (const NamePart& b : listed.parts) {
      if (a.count == 2 && b.count == 2) continue;
      const bool merged = a.count + b.count > 2;
      int percent = LikenessOf(a.word, b.word);
      if (merged)
        percent = percent >= kBySound && AreOfOneLength(a.word, b.word) ? percent - kMergedCost : 0;
      if (percent > 0) pairs.push_back({&a, &b, percent});
    }
  }
  std::ranges::stable_sort(pairs, [](const Pair& a, const Pair& b) {
    if (a.percent != b.percent) return a.percent > b.percent;
    return a.payee->word.text.size() > b.payee->word.text.size();
  });
  std::vector<bool> used_left(payee.words.size());
  std::vector<bool> used_right(listed.words.size());
  Aligned out;
  for (const Pair& pair : pairs) {
    if (!IsFree(used_left, *pair.payee) || !IsFree(used_right, *pair.listed)) continue;
    Use(used_left, *pair.payee);
    Use(used_right, *pair.listed);
    out.payee += pair.payee->word.weight * pair.percent;
    out.listed += pair.listed->word.weight * pair.percent;
    if (pair.payee->word.weight == 0 && pair.listed->word.weight == 0) continue;
    if (!out.words.empty()) out.words += ", ";
    base::StrAppend(&out.words, pair.payee->word.text);
    if (pair.percent == kSame) {
      base::StrAppend(&out.words, " = ", pair.listed->word.text);
    } else {
      base::StrAppend(&out.words, " ~ ", pair.listed->word.text, " (", pair.percent, " %)");
    }
  }
  out.payee_extra = ExtraOf(payee, used_left);
  out.listed_extra = ExtraOf(listed, used_right);
  return out;
}

int PersonPercent(const Aligned& aligned, const ComparedName& payee, const ComparedName& listed) {
  const int payee_covered = aligned.payee / payee.weight;
  const int listed_covered = aligned.listed / listed.weight;
  const bool payee_is_short = payee.weight <= listed.weight;
  const ComparedName& brief = payee_is_short ? payee : listed;
  // One name of many says nothing; it must be all of both.
  if (brief.telling < 2) return std::min(payee_covered, listed_covered);
  const int extra = payee_is_short ? aligned.listed_extra : aligned.payee_extra;
  const int covered = payee_is_short ? payee_covered : listed_covered;
  return covered - std::min(kExtraPersonMax, kExtraPerson * extra);
}

int CompanyPercent(const Aligned& aligned, const ComparedName& payee, const ComparedName& listed) {
  const int payee_covered = aligned.payee / payee.weight;
  const int listed_covered = aligned.listed / listed.weight;
  const int both = (payee_covered + listed_covered) / 2;
  if (listed.telling == 0) return std::min(payee_covered, listed_covered);
  if (listed.telling >= 2 || listed.words.size() > 1) {
    return std::max(
        both, listed_covered - std::min(kExtraCompanyMax, kExtraCompany * aligned.payee_extra));
  }
  // A listed name of one word, among others of the payee's: only as it is.
  if (aligned.payee_extra == 0) return std::min(payee_covered + 1, listed_covered);
  const bool whole = listed_covered == kSame && listed.words[0].text.size() >= kSingleLettersLeast;
  if (!whole) return std::min(payee_covered, listed_covered);
  return kSame - std::min(kExtraSingleMax, kExtraSingle * aligned.payee_extra);
}

/// Ships and aircraft are paid by nobody: who bears the name of one is told, who has a part of it
/// in his own is not.
bool IsNoParty(ListedType type) {
  return type == ListedType::kVessel || type == ListedType::kAircraft;
}

int PercentOf(const Aligned& aligned, const ComparedName& payee, const ComparedName& listed,
              ListedType type, bool weak) {
  if (weak || IsNoParty(type))
    return std::min(aligned.payee / payee.weight, aligned.listed / listed.weight);
  int percent = 0;
  if (type == ListedType::kPerson || type == ListedType::kUnknown) {
    percent = PersonPercent(aligned, payee, listed);
  }
  if (type != ListedType::kPerson) {
    percent = std::max(percent, CompanyPercent(aligned, payee, listed));
  }
  return std::clamp(percent, 0, kSame);
}

}  // namespace

ComparedName MakeName(const Words& words) {
  constexpr int kParticle = 0;
  constexpr int kCommon = 2;
  constexpr int kInitial = 4;
  constexpr int kLeast = 3;
  constexpr size_t kLettersMost = 7;
  ComparedName name;
  const bool only_forms = std::ranges::all_of(words, IsLegalForm);
  const bool only_particles = std::ranges::all_of(
      words, [](const std::string& word) { return IsParticle(word) || IsLegalForm(word); });
  for (const std::string& raw : words) {
    if (!only_forms && IsLegalForm(raw)) continue;
    NameWord word;
    word.text = std::string(CanonicalWord(raw));
    word.skeleton = SkeletonOf(word.text);
    word.common = IsCommon(word.text);
    const int letters = static_cast<int>(std::min(word.text.size(), kLettersMost));
    // A letter may be a particle ("y") or an initial; the latter costs less when it is one.
    const bool particle = raw.size() > 1 ? IsParticle(word.text) : false;
    word.weight = particle && !only_particles ? kParticle
                  : word.common               ? kCommon
                  : raw.size() == 1           ? kInitial
                                              : kLeast + letters;
    if (word.weight > 0 && !word.common) ++name.telling;
    name.weight += word.weight;
    name.words.push_back(std::move(word));
  }
  name.parts = PartsOf(name.words);
  return name;
}

int SlipsMost(int longer, int least) { return ((kSame + 1 - least) * longer - 1) / kSame; }

int LikenessOf(const NameWord& a, const NameWord& b) {
  if (a.text == b.text) return kSame;
  // "Unit 5" is not "Unit 6".
  if (HasDigit(a.text) && HasDigit(b.text)) return 0;
  if (a.text.size() == 1 || b.text.size() == 1) {
    return a.text.front() == b.text.front() ? kByInitial : 0;
  }
  constexpr size_t kSkeletonLeast = 3;
  constexpr size_t kLettersLeast = 4;
  int percent = 0;
  if (a.skeleton == b.skeleton && !a.skeleton.empty()) {
    percent = a.skeleton.size() >= kSkeletonLeast ? kBySound
              : a.skeleton.size() == 2            ? kByShortSound
                                                  : 0;
  }
  const size_t longer = std::max(a.text.size(), b.text.size());
  const size_t shorter = std::min(a.text.size(), b.text.size());
  // Too different in length to be worth counting.
  if (shorter >= kLettersLeast && AreOfOneLength(a, b)) {
    const int most = static_cast<int>(std::min(longer, kWordBytesMax));
    percent = std::max(percent, kSame - kSame * Distance(a.text, b.text) / most);
  }
  return percent >= kWordLeast ? percent : 0;
}

Verdict Compare(const ComparedName& payee, const ComparedName& listed, ListedType type, bool weak) {
  if (payee.weight == 0 || listed.weight == 0) return {};
  Aligned aligned = Align(payee, listed);
  Verdict verdict;
  verdict.percent = PercentOf(aligned, payee, listed, type, weak);
  verdict.words = std::move(aligned.words);
  return verdict;
}

int CeilingOf(const Common& common, const ComparedName& payee, const ComparedName& listed,
              ListedType type, bool weak) {
  if (payee.weight == 0 || listed.weight == 0) return 0;
  Aligned most;
  most.payee = std::min(common.payee, payee.weight * kSame);
  most.listed = std::min(common.listed, listed.weight * kSame);
  const int alone = PercentOf(most, payee, listed, type, weak);
  // A listed name of one word may be worth more among others than beside one that is hardly alike.
  most.payee_extra = 1;
  return std::max(alone, PercentOf(most, payee, listed, type, weak));
}

}  // namespace kontor::screening::internal
