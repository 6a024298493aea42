// SPDX-License-Identifier: Apache-2.0
#include "server/screening/internal/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace kontor::screening::internal {
namespace {

/// What transliterations by the book leave out, or make longer than people do. ʿAyn is heard as a
/// vowel; ta marbuta is silent; waw and ya are vowels inside a word.
constexpr char kRules[] = R"(
ع > a; ة > a; ى > a; آ > a; أ > a; إ > i; ء > ; ئ > ; ؤ > u;
[:^L:] { و > w; ^ و > w; و > u; ي > i; ی > i;
:: Russian-Latin/BGN ;
:: Any-Latin ;
:: Latin-ASCII ;
:: Lower ;
)";

/// One for each thread: they are costly to make, and not all of them may be shared.
icu::Transliterator* OfThisThread() {
  thread_local const std::unique_ptr<icu::Transliterator> kOwn = [] {
    UErrorCode status = U_ZERO_ERROR;
    UParseError place;
    std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createFromRules(
        "kontor-names", icu::UnicodeString::fromUTF8(kRules), UTRANS_FORWARD, place, status));
    return U_SUCCESS(status) ? std::move(made) : nullptr;
  }();
  return kOwn.get();
}

/// Letters of other scripts that look like a Latin one.
struct LookAlike {
  char16_t other;
  char latin;
};
constexpr LookAlike kLookAlikes[] = {
    {u'а', 'a'},
    {u'в', 'b'},
    {u'с', 'c'},
    {u'е', 'e'},
    {u'н', 'h'},
    {u'һ', 'h'},
    {u'і', 'i'},
    {u'ј', 'j'},
    {u'к', 'k'},
    {u'м', 'm'},
    {u'о', 'o'},
    {u'р', 'p'},
    {u'ԛ', 'q'},
    {u'ѕ', 's'},
    {u'т', 't'},
    {u'у', 'y'},
    {u'ԝ', 'w'},
    {u'х', 'x'},
    {u'ё', 'e'},
    {u'ӏ', 'l'},
    {u'п', 'n'},
    {u'α', 'a'},
    {u'β', 'b'},
    {u'ε', 'e'},
    {u'ζ', 'z'},
    {u'η', 'n'},
    {u'ι', 'i'},
    {u'κ', 'k'},
    {u'μ', 'm'},
    {u'ν', 'v'},
    {u'ο', 'o'},
    {u'ρ', 'p'},
    {u'σ', 'o'},
    {u'τ', 't'},
    {u'υ', 'u'},
    {u'χ', 'x'},
    {u'ɑ', 'a'},
    {u'ɡ', 'g'},
    {u'ı', 'i'},
    {u'ո', 'n'},
    {u'օ', 'o'},
    {u'ѐ', 'e'},
    // Capitals whose small letter looks otherwise.
    {u'Η', 'h'},
    {u'Ν', 'n'},
    {u'Υ', 'y'},
    {u'Ρ', 'p'},
    {u'Χ', 'x'},
    {u'Ζ', 'z'},
    {u'Ι', 'i'},
};
constexpr std::pair<char16_t, char> kDigits[] = {{u'0', 'o'}, {u'1', 'i'}, {u'3', 'e'}, {u'4', 'a'},
                                                 {u'5', 's'}, {u'7', 't'}, {u'8', 'b'}, {u'$', 's'},
                                                 {u'@', 'a'}, {u'!', 'i'}};

bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

UScriptCode ScriptOf(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(c, &status);
}

/// NFKC (full-width letters, ligatures), without what nobody sees.
icu::UnicodeString Clean(std::string_view name) {
  icu::UnicodeString raw =
      icu::UnicodeString::fromUTF8({name.data(), static_cast<int>(name.size())});
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const form = icu::Normalizer2::getNFKCInstance(status);
  if (U_SUCCESS(status)) {
    const icu::UnicodeString composed = form->normalize(raw, status);
    if (U_SUCCESS(status)) raw = composed;
  }
  icu::UnicodeString out;
  for (int32_t i = 0; i < raw.length(); i = raw.moveIndex32(i, 1)) {
    const UChar32 c = raw.char32At(i);
    const int8_t type = u_charType(c);
    // Zero-width joiners, direction marks, tatweel.
    if (type == U_FORMAT_CHAR || c == 0x0640) continue;
    out.append(c);
  }
  return out;
}

void JoinRange(Words& words, size_t first, size_t last) {
  for (size_t j = first + 1; j <= last; ++j) words[first] += words[j];
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(first) + 1,
              words.begin() + static_cast<std::ptrdiff_t>(last) + 1);
}

/// "s a r l" of "S.A.R.L." → "sarl"; "j r" stays two initials.
void JoinLegalForms(Words& words) {
  constexpr size_t kFormMax = 5;
  for (size_t i = 0; i < words.size(); ++i) {
    std::string joined = words[i];
    if (joined.size() != 1) continue;
    size_t best = 0;
    for (size_t j = i + 1; j < words.size() && j - i < kFormMax; ++j) {
      // "G.m.b.H.", but "z o.o." too.
      if (words[j].size() > 2) break;
      joined += words[j];
      if (IsLegalForm(joined)) best = j;
    }
    if (best > 0) JoinRange(words, i, best);
  }
}

/// "z a r u b e x" → "zarubex": nobody has so many initials.
void JoinSpacedOut(Words& words) {
  constexpr size_t kInitialsMax = 3;
  for (size_t i = 0; i < words.size(); ++i) {
    size_t end = i;
    while (end < words.size() && words[end].size() == 1) ++end;
    if (end - i > kInitialsMax) JoinRange(words, i, end - 1);
  }
}

/// Words of what has been brought to ASCII, in lower case. An apostrophe joins, everything else
/// between letters parts; single letters with points are one word when that is a legal form.
Words Split(std::string_view text) {
  Words words;
  std::string word;
  const auto end = [&] {
    if (!word.empty() && words.size() < kWordsMax) words.push_back(word);
    word.clear();
  };
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw - 'A' + 'a') : raw;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter) {
      word += c;
    } else if (c != '\'' && c != '`') {
      end();
    }
  }
  end();
  JoinLegalForms(words);
  JoinSpacedOut(words);
  return words;
}

Words Transliterated(const icu::UnicodeString& clean) {
  icu::UnicodeString text = clean;
  const icu::Transliterator* const rules = OfThisThread();
  if (rules != nullptr) rules->transliterate(text);
  std::string ascii;
  text.toUTF8String(ascii);
  return Split(ascii);
}

/// The look-alikes read as the Latin letters that they look like; `any`: whether there were some.
icu::UnicodeString AsItLooks(const icu::UnicodeString& clean, bool* any) {
  icu::UnicodeString out;
  for (int32_t i = 0; i < clean.length(); i = clean.moveIndex32(i, 1)) {
    const UChar32 c = clean.char32At(i);
    const auto is = [](UChar32 wanted) {
      return [wanted](const LookAlike& one) { return static_cast<UChar32>(one.other) == wanted; };
    };
    const auto* found = std::find_if(std::begin(kLookAlikes), std::end(kLookAlikes), is(c));
    if (found == std::end(kLookAlikes)) {
      found = std::find_if(std::begin(kLookAlikes), std::end(kLookAlikes), is(u_tolower(c)));
    }
    if (found == std::end(kLookAlikes)) {
      out.append(c);
      continue;
    }
    *any = true;
    out.append(static_cast<UChar32>(found->latin));
  }
  return out;
}

/// Digits and signs within words of letters read as the letters that they look like.
icu::UnicodeString WithoutDigits(const icu::UnicodeString& text, bool* any) {
  icu::UnicodeString out = text;
  for (int32_t i = 0; i < out.length(); ++i) {
    const auto* const found =
        std::find_if(std::begin(kDigits), std::end(kDigits),
                     [&](const auto& one) { return one.first == out.charAt(i); });
    if (found == std::end(kDigits)) continue;
    const bool before = i > 0 && u_isalpha(out.charAt(i - 1)) != 0;
    const bool behind = i + 1 < out.length() && u_isalpha(out.charAt(i + 1)) != 0;
    if (!before && !behind) continue;
    *any = true;
    out.setCharAt(i, static_cast<char16_t>(found->second));
  }
  return out;
}

bool HasLatin(const icu::UnicodeString& text) {
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    if (ScriptOf(text.char32At(i)) == USCRIPT_LATIN) return true;
  }
  return false;
}

}  // namespace

std::vector<Words> ReadingsOf(std::string_view name) {
  std::vector<Words> out;
  const auto add = [&out](Words words) {
    if (words.empty() || std::find(out.begin(), out.end(), words) != out.end()) return;
    out.push_back(std::move(words));
  };
  const bool ascii = IsAscii(name);
  const icu::UnicodeString clean = Clean(name);
  add(ascii ? Split(name) : Transliterated(clean));
  bool looks = false;
  icu::UnicodeString look = ascii ? clean : AsItLooks(clean, &looks);
  // A name that is all Cyrillic is first of all a Cyrillic name; it may be made of look-alikes too.
  if (looks && HasLatin(look)) add(Transliterated(look));
  bool digits = false;
  look = WithoutDigits(look, &digits);
  if (digits) add(Transliterated(look));
  return out;
}

}  // namespace kontor::screening::internal
