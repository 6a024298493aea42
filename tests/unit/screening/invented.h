// SPDX-License-Identifier: Apache-2.0
// Invented names in any number, the same ones for the same seed, and what the matcher says when it
// compares a payee with every listed name: the yardstick of what the index may leave out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "server/screening/internal/index.h"

namespace kontor::screening::testing {

/// Names of persons and companies as lists have them, and what people make of them on bills.
class Invented {
 public:
  /// The fewer `stems`, the more names are alike.
  explicit Invented(uint32_t seed, size_t stems = 600) : random_(seed) {
    for (size_t i = 0; i < stems; ++i) stems_.push_back(NewWord());
  }

  /// 0 to `below` - 1. No distribution of the library's: those differ from one to the next.
  size_t Draw(size_t below) { return random_() % below; }
  bool Once(size_t in) { return Draw(in) == 0; }
  template <size_t N>
  std::string_view OneOf(const std::array<std::string_view, N>& all) {
    return all[Draw(N)];
  }

  /// A name that a list may have.
  std::string Listed() {
    std::string name;
    const size_t words = 1 + Draw(4);
    for (size_t i = 0; i < words; ++i) {
      if (Once(6)) Put(name, OneOf(kFillers));
      Put(name, Once(12) ? std::string(OneOf(kCommon)) : Once(14) ? Initial() : Stem());
    }
    if (Once(4)) Put(name, OneOf(kCommon));
    if (Once(5)) Put(name, OneOf(kForms));
    if (Once(15)) Put(name, std::to_string(Draw(30)));
    return name;
  }

  /// The same name as somebody else may write it: mostly close, often just too far away.
  std::string Disguised(const std::string& listed) {
    std::vector<std::string> words = WordsOf(listed);
    for (size_t times = Draw(4); times > 0; --times) Change(words);
    std::string name;
    for (const std::string& word : words) Put(name, word);
    return name;
  }

 private:
  static constexpr std::array<std::string_view, 24> kStarts = {
      "b", "d", "f", "g", "h", "j", "k",  "l",  "m",  "n",  "p",  "q",
      "r", "s", "t", "v", "w", "z", "sh", "kh", "ch", "gh", "th", "ts"};
  static constexpr std::array<std::string_view, 8> kVowels = {"a", "e", "i",  "o",
                                                              "u", "y", "ou", "ai"};
  static constexpr std::array<std::string_view, 8> kFillers = {"al",  "bin", "abu", "el",
                                                               "van", "de",  "a",   "sheikh"};
  static constexpr std::array<std::string_view, 8> kCommon = {
      "trading", "company", "co", "international", "intl", "bank", "shipping", "services"};
  static constexpr std::array<std::string_view, 6> kForms = {"ltd",  "GmbH",     "LLC",
                                                             "S.A.", "G.m.b.H.", "ooo"};
  static constexpr std::array<std::array<std::string_view, 2>, 14> kByEar = {{{"k", "q"},
                                                                              {"ph", "f"},
                                                                              {"sh", "sch"},
                                                                              {"y", "i"},
                                                                              {"w", "v"},
                                                                              {"ks", "x"},
                                                                              {"ou", "u"},
                                                                              {"c", "k"},
                                                                              {"a", "а"},
                                                                              {"o", "о"},
                                                                              {"o", "0"},
                                                                              {"i", "1"},
                                                                              {"kh", "х"},
                                                                              {"u", "ü"}}};

  static void Put(std::string& name, std::string_view word) {
    if (!name.empty()) name += ' ';
    name += word;
  }
  static std::vector<std::string> WordsOf(const std::string& name) {
    std::vector<std::string> words(1);
    for (const char c : name) {
      if (c == ' ') {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    return words;
  }
  std::string NewWord() {
    std::string word;
    for (size_t syllables = 1 + Draw(4); syllables > 0; --syllables) {
      word += OneOf(kStarts);
      word += OneOf(kVowels);
      if (Once(3)) word += OneOf(kStarts);
    }
    return word;
  }
  /// Some stems are in many names, as Mohammed is; one in sixty is very long.
  std::string Stem() {
    if (Once(60)) return NewWord() + NewWord() + NewWord() + NewWord() + NewWord() + NewWord();
    return stems_[Draw(Once(3) ? 12 : stems_.size())];
  }
  std::string Initial() { return std::string(1, static_cast<char>('a' + Draw(26))) + "."; }

  void Change(std::vector<std::string>& words) {
    std::string& word = words[Draw(words.size())];
    switch (Draw(13)) {
      case 0: std::swap(words[Draw(words.size())], words[Draw(words.size())]); break;
      case 1: words.push_back(Stem()); break;
      case 2:
        words.insert(words.begin(), Once(2) ? Initial() : std::string(OneOf(kFillers)));
        break;
      case 3:
        if (words.size() > 1) words.erase(words.begin() + Off(Draw(words.size())));
        break;
      case 4: JoinTwo(words); break;
      case 5: SplitOne(words); break;
      case 6:
        if (!word.empty()) word = word.substr(0, 1) + ".";
        break;
      case 7: words.push_back(std::string(Once(2) ? OneOf(kCommon) : OneOf(kForms))); break;
      case 8: SpellByEar(word); break;
      default:
        for (size_t slips = 1 + Draw(3); slips > 0; --slips) Slip(word);
    }
  }
  static std::ptrdiff_t Off(size_t i) { return static_cast<std::ptrdiff_t>(i); }
  void JoinTwo(std::vector<std::string>& words) {
    if (words.size() < 2) return;
    const size_t at = Draw(words.size() - 1);
    words[at] += words[at + 1];
    words.erase(words.begin() + Off(at) + 1);
  }
  void SplitOne(std::vector<std::string>& words) {
    const size_t at = Draw(words.size());
    if (words[at].size() < 2) return;
    const size_t cut = 1 + Draw(words[at].size() - 1);
    words.insert(words.begin() + Off(at) + 1, words[at].substr(cut));
    words[at].resize(cut);
  }
  void SpellByEar(std::string& word) {
    const auto& [from, to] = kByEar[Draw(kByEar.size())];
    const size_t at = word.find(from);
    if (at != std::string::npos) word.replace(at, from.size(), to);
  }
  void Slip(std::string& word) {
    const char letter = static_cast<char>('a' + Draw(26));
    if (word.empty()) return;
    const size_t at = Draw(word.size());
    switch (Draw(4)) {
      case 0: word[at] = letter; break;
      case 1: word.insert(at, 1, letter); break;
      case 2: word.erase(at, 1); break;
      default:
        if (at + 1 < word.size()) std::swap(word[at], word[at + 1]);
    }
  }

  std::mt19937 random_;
  std::vector<std::string> stems_;
};

/// An entry of an invented list.
struct Entry {
  ports::ListedType type = ports::ListedType::kUnknown;
  std::vector<ports::ListedName> names;
};

inline std::vector<Entry> InventedList(Invented& invented, size_t count) {
  std::vector<Entry> list(count);
  for (Entry& entry : list) {
    entry.type = static_cast<ports::ListedType>(invented.Draw(5));
    for (size_t names = 1 + invented.Draw(3); names > 0; --names) {
      entry.names.push_back({invented.Listed(), invented.Once(5)});
    }
  }
  return list;
}

inline void Fill(internal::Index& index, const std::vector<Entry>& list) {
  for (const Entry& entry : list) {
    const auto number = static_cast<uint32_t>(index.parties().size());
    index.parties().push_back({0, std::to_string(number), entry.names[0].text, "", "", entry.type});
    for (const ports::ListedName& name : entry.names) index.Add(number, name);
  }
}

/// Compares with every name of the list.
class Exhaustive {
 public:
  explicit Exhaustive(const std::vector<Entry>& list) {
    for (uint32_t party = 0; party < list.size(); ++party) {
      for (const ports::ListedName& name : list[party].names) {
        for (const internal::Words& words : internal::ReadingsOf(name.text)) {
          names_.push_back({party, list[party].type, name.weak, internal::MakeName(words)});
        }
      }
    }
  }

  std::vector<internal::Index::Match> Find(std::string_view payee, int threshold) const {
    std::vector<internal::Index::Match> all;
    for (const internal::Words& words : internal::ReadingsOf(payee)) {
      const internal::ComparedName wanted = internal::MakeName(words);
      for (uint32_t number = 0; number < names_.size(); ++number) {
        const Name& name = names_[number];
        internal::Verdict verdict = internal::Compare(wanted, name.name, name.type, name.weak);
        if (verdict.percent < threshold) continue;
        all.push_back({name.party, number, std::move(verdict)});
      }
    }
    std::ranges::stable_sort(all, [](const auto& a, const auto& b) {
      return a.verdict.percent != b.verdict.percent ? a.verdict.percent > b.verdict.percent
                                                    : a.name < b.name;
    });
    std::vector<bool> known(names_.size());
    std::erase_if(all, [&](const auto& match) {
      const bool again = known[match.party];
      known[match.party] = true;
      return again;
    });
    return all;
  }
  size_t size() const { return names_.size(); }

 private:
  struct Name {
    uint32_t party = 0;
    ports::ListedType type = ports::ListedType::kUnknown;
    bool weak = false;
    internal::ComparedName name;
  };
  std::vector<Name> names_;
};

}  // namespace kontor::screening::testing
