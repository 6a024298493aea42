// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/redact.h"

#include <algorithm>

#include "server/base/strings.h"
#include "server/base/text.h"

namespace kontor::telemetry {
namespace {

constexpr std::string_view kMask = "…";
constexpr size_t kDigitsMin = 8;
constexpr size_t kIbanMin = 15;  // Norway's
constexpr size_t kIbanMax = 34;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLetter(char c) { return IsCapital(c) || (c >= 'a' && c <= 'z'); }
bool IsWord(char c) { return IsDigit(c) || IsLetter(c) || c == '_' || c == '-'; }

size_t WordLength(std::string_view text) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), IsWord) - text.begin());
}

/// How much of the text a secret takes that begins right here; 0: none does.
size_t SecretLength(std::string_view text) {
  for (const std::string_view prefix : {"kontor_", "whsec_"}) {
    if (!text.starts_with(prefix)) continue;
    size_t end = prefix.size();
    // Webhook secrets are base64, with its own signs.
    while (end < text.size() && (IsWord(text[end]) || text[end] == '+' || text[end] == '/' ||
                                 text[end] == '=')) {
      ++end;
    }
    constexpr size_t kShortest = 16;  // kontor_connector and the like are words, not secrets
    return end - prefix.size() >= kShortest ? end : 0;
  }
  return 0;
}

/// After "Bearer " or "Basic ": the length of both words together; 0 when it is neither.
size_t CredentialLength(std::string_view text, size_t* shown) {
  for (const std::string_view scheme : {"bearer ", "basic "}) {
    if (base::ToLower(text.substr(0, scheme.size())) != scheme) continue;
    size_t end = scheme.size();
    while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ') ++end;
    *shown = scheme.size();
    return end == scheme.size() ? 0 : end;
  }
  return 0;
}

/// `//user:password@host`: from after "//" up to the "@"; 0 when there is no password.
size_t UserInfoLength(std::string_view text) {
  const size_t end = text.find_first_of("/@ \t\r\n\"");
  if (end == std::string_view::npos || text[end] != '@') return 0;
  return text.substr(0, end).find(':') == std::string_view::npos ? 0 : end;
}

/// An IBAN in one piece or in groups; capitals and digits only, so that words of a sentence that
/// follow two letters and two digits are not taken for one.
size_t IbanLength(std::string_view text, std::string* number) {
  if (text.size() < kIbanMin || !IsCapital(text[0]) || !IsCapital(text[1]) || !IsDigit(text[2]) ||
      !IsDigit(text[3])) {
    return 0;
  }
  size_t end = 0;
  for (size_t i = 0; i < text.size() && number->size() < kIbanMax; ++i) {
    const bool plain = IsCapital(text[i]) || IsDigit(text[i]);
    if (!plain && text[i] != ' ') break;
    if (text[i] == ' ') {
      const bool grouped = number->size() % 4 == 0 && i > 0 && text[i - 1] != ' ';
      if (!grouped) break;
      continue;
    }
    number->push_back(text[i]);
    end = i + 1;
  }
  if (end < text.size() && IsWord(text[end])) return 0;
  return number->size() >= kIbanMin ? end : 0;
}

size_t DigitsLength(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), IsDigit);
  return static_cast<size_t>(end - text.begin());
}

/// Takes what begins at a word's start; how much of the text is done with.
size_t RedactWord(std::string_view rest, std::string& out) {
  size_t shown = 0;
  if (const size_t length = CredentialLength(rest, &shown); length > 0) {
    base::StrAppend(&out, rest.substr(0, shown), kMask);
    return length;
  }
  if (const size_t length = SecretLength(rest); length > 0) {
    out.append(kMask);
    return length;
  }
  std::string number;
  if (const size_t length = IbanLength(rest, &number); length > 0) {
    out.append(base::Masked(number));
    return length;
  }
  const size_t word = WordLength(rest);
  if (word >= kDigitsMin && DigitsLength(rest) == word) {
    out.append(base::Masked(rest.substr(0, word)));
  } else {
    out.append(rest.substr(0, word));
  }
  return word;
}

}  // namespace

std::string Redact(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("//")) {
      out.append("//");
      at += 2;
      if (const size_t length = UserInfoLength(text.substr(at)); length > 0) {
        out.append(kMask);
        at += length;
      }
    } else if (IsWord(rest.front())) {
      at += RedactWord(rest, out);
    } else {
      out.push_back(rest.front());
      ++at;
    }
  }
  return out;
}

}  // namespace kontor::telemetry
