// SPDX-License-Identifier: Apache-2.0
// What is known of words in names: which say nothing, which say the same, how they sound.
#include <algorithm>
#include <array>
#include <utility>

#include "server/screening/internal/fold.h"

namespace kontor::screening::internal {
namespace {

constexpr std::string_view kLegalForms[] = {
    "ab", "ag", "ao", "aps", "as", "asbl", "bhd", "bv", "bvba", "corp", "corporation", "cv",
    "dd", "doo", "dba", "ead", "eg", "ek", "eood", "ev", "fze", "fzco", "fzc", "gbr", "ges",
    "gmbh", "inc", "incorporated", "jsc", "kft", "kg", "kgaa", "kk", "limited", "llc", "llp",
    "lp", "ltd", "ltda", "mbh", "nv", "oao", "od", "oe", "ohg", "ojsc", "ood", "ooo", "oy",
    "oyj", "pao", "pjsc", "plc", "pllc", "psc", "pt", "pte", "pty", "pvt", "rt", "sa", "sae",
    "sal", "sarl", "sas", "sc", "sca", "scs", "sdn", "se", "sl", "slu", "snc", "spa", "spk",
    "spzoo", "srl", "sro", "tbk", "tov", "ug", "ulc", "vof", "zao", "zoo", "zrt"};

constexpr std::string_view kParticles[] = {
    "a", "abu", "ad", "al", "an", "and", "ar", "as", "ash", "at", "az", "bin", "bint", "da",
    "de", "del", "della", "den", "der", "di", "do", "dos", "dr", "du", "e", "el", "et", "for",
    "gen", "general", "haji", "hajj", "hajji", "ibn", "ould", "la", "le", "les", "maulavi",
    "mawlawi", "mme", "mr", "mrs", "ms", "mullah", "of", "prof", "qari", "sayyid", "shaikh",
    "shaykh", "sheikh", "sir", "syed", "the", "u", "ul", "und", "ur", "van", "von", "y", "zu"};

constexpr std::string_view kCommon[] = {
    "agency", "bank", "center", "centre", "charity", "co", "commercial", "company",
    "construction", "consulting", "development", "energy", "engineering", "enterprise",
    "enterprises", "establishment", "exchange", "export", "factory", "finance", "financial",
    "foundation", "general", "global", "group", "holding", "holdings", "import", "industrial",
    "industries", "industry", "institute", "international", "investment", "investments",
    "logistics", "management", "marine", "maritime", "national", "oil", "organization",
    "petroleum", "relief", "service", "services", "shipping", "society", "supply", "technology",
    "trade", "trading", "transport", "university"};

constexpr std::pair<std::string_view, std::string_view> kSame[] = {
    {"abdallah", "abdullah"}, {"abdel", "abd"}, {"abdul", "abd"}, {"alex", "alexander"},
    {"aleksandr", "alexander"}, {"bill", "william"}, {"bob", "robert"}, {"bros", "brothers"},
    {"ben", "bin"}, {"cie", "company"}, {"co", "company"}, {"comp", "company"},
    {"dev", "development"}, {"dick", "richard"}, {"eng", "engineering"}, {"ent", "enterprises"},
    {"est", "establishment"}, {"exp", "export"}, {"gadafi", "gaddafi"}, {"ghadafi", "gaddafi"},
    {"kadafi", "gaddafi"}, {"kadhafi", "gaddafi"}, {"qaddafi", "gaddafi"}, {"qadhafi", "gaddafi"},
    {"gadhafi", "gaddafi"}, {"fin", "financial"}, {"found", "foundation"}, {"gen", "general"},
    {"gp", "group"}, {"grp", "group"}, {"holdings", "holding"}, {"imp", "import"},
    {"ind", "industries"}, {"inds", "industries"}, {"industry", "industries"},
    {"inst", "institute"}, {"int", "international"}, {"intl", "international"},
    {"inv", "investment"}, {"investments", "investment"}, {"jim", "james"}, {"joe", "joseph"},
    {"jos", "joseph"}, {"mfg", "manufacturing"}, {"mgmt", "management"}, {"mhd", "mohammed"},
    {"mike", "michael"}, {"moh", "mohammed"}, {"mohd", "mohammed"}, {"muh", "mohammed"},
    {"nat", "national"}, {"natl", "national"}, {"org", "organization"},
    {"organisation", "organization"}, {"sasha", "alexander"}, {"serv", "services"},
    {"service", "services"}, {"svc", "services"}, {"tech", "technology"}, {"tom", "thomas"},
    {"tr", "trading"}, {"trade", "trading"}, {"treyding", "trading"}, {"kompaniya", "company"},
    {"kompani", "company"}, {"transp", "transport"}, {"univ", "university"},
    {"volodymyr", "vladimir"}, {"wladimir", "vladimir"}};

template <size_t N>
bool IsIn(const std::string_view (&words)[N], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

/// Letters that are written for one sound, the longest first.
constexpr std::pair<std::string_view, std::string_view> kSounds[] = {
    {"schtsch", "s"}, {"shch", "s"}, {"tsch", "c"}, {"dsch", "j"}, {"sch", "s"},
    {"tch", "c"}, {"dzh", "j"},
    {"ch", "c"},   {"sh", "s"},   {"zh", "z"},   {"kh", "h"}, {"gh", "g"},  {"ph", "f"},
    {"th", "t"},   {"dh", "d"},   {"ts", "c"},   {"tz", "c"}, {"ck", "k"},  {"ks", "x"},
    {"dj", "j"},   {"q", "k"},    {"w", "v"}};

bool IsVowel(char c) {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

/// A hard c is a k; "ch" and "ts" have become c before.
std::string SoundsOf(std::string_view word) {
  std::string out;
  for (size_t i = 0; i < word.size();) {
    bool taken = false;
    for (const auto& [from, to] : kSounds) {
      if (word.substr(i).starts_with(from)) {
        out += to;
        i += from.size();
        taken = true;
        break;
      }
    }
    if (taken) continue;
    const char c = word[i++];
    if (c != 'c') {
      out += c;
      continue;
    }
    const char next = i < word.size() ? word[i] : ' ';
    out += next == 'e' || next == 'i' || next == 'y' ? 's' : 'k';
  }
  return out;
}

}  // namespace

bool IsLegalForm(std::string_view word) { return IsIn(kLegalForms, word); }
bool IsParticle(std::string_view word) { return IsIn(kParticles, word); }
bool IsCommon(std::string_view word) { return IsIn(kCommon, word); }

std::string_view CanonicalWord(std::string_view word) {
  for (const auto& [from, to] : kSame) {
    if (from == word) return to;
  }
  return word;
}

std::string SkeletonOf(std::string_view word) {
  const std::string sounds = SoundsOf(word);
  std::string out;
  // A j in front, or behind an i, is a y: "Jewgenij", "Yevgeniy".
  const auto is_vowel = [&sounds](size_t i) {
    return IsVowel(sounds[i]) || (sounds[i] == 'j' && (i == 0 || sounds[i - 1] == 'i'));
  };
  if (!sounds.empty() && is_vowel(0)) out += 'a';
  char last = ' ';
  for (size_t i = 0; i < sounds.size(); ++i) {
    const char c = sounds[i];
    const bool vowel = is_vowel(i);
    // Doubled letters sound once; an h behind a vowel at the end is silent.
    const bool silent = c == 'h' && i + 1 == sounds.size() && i > 0 && IsVowel(sounds[i - 1]);
    if (!vowel && !silent && c != last) out += c == 'j' ? 'z' : c;
    last = c;
  }
  return out;
}

}  // namespace kontor::screening::internal
