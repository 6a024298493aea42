// SPDX-License-Identifier: Apache-2.0
// Account numbers. IBANs by ISO 13616: lengths as in the IBAN registry that SWIFT keeps, check
// digits by ISO 7064 MOD 97-10. The inner structure of each country's number is left to its bank.
#include <algorithm>
#include <iterator>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/validate.h"

namespace kontor::model {
namespace {

struct IbanLength {
  std::string_view country;
  size_t length;
};

constexpr IbanLength kIbanLengths[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16},
    {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22},
    {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20},
    {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22},
    {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21},
    {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30},
    {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23},
    {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
    {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24},
    {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26},
    {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
};

constexpr bool ByCountry(const IbanLength& a, const IbanLength& b) { return a.country < b.country; }
static_assert(std::is_sorted(std::begin(kIbanLengths), std::end(kIbanLengths), ByCountry));

bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return IsCapital(c) || (c >= 'a' && c <= 'z'); }

/// The remainder by 97 with letters as 10 to 35, and the first four characters moved to the end.
int Remainder97(std::string_view iban) {
  constexpr int kModulus = 97;
  int remainder = 0;
  const auto take = [&remainder](std::string_view part) {
    for (const char c : part) {
      remainder = IsDigit(c) ? (remainder * 10 + (c - '0')) % kModulus
                             : (remainder * 100 + (c - 'A' + 10)) % kModulus;
    }
  };
  take(iban.substr(4));
  take(iban.substr(0, 4));
  return remainder;
}

absl::Status Wrong(std::string_view iban, std::string_view why) {
  return base::Error(base::Reason::kIbanInvalid)
      .Says(base::StrCat("the account number ", base::Masked(iban), " ", why));
}

}  // namespace

absl::Status CheckIban(std::string_view iban) {
  const auto plain = [](char c) { return IsCapital(c) || IsDigit(c); };
  if (!std::all_of(iban.begin(), iban.end(), plain)) {
    // Whatever stands in the text is not shown: it may not even be text.
    return base::Error(base::Reason::kIbanInvalid)
        .Says("the account number has characters that no IBAN has");
  }
  const std::string_view country = iban.substr(0, 2);
  const auto* const row = std::lower_bound(std::begin(kIbanLengths), std::end(kIbanLengths),
                                           IbanLength{country, 0}, ByCountry);
  if (row == std::end(kIbanLengths) || row->country != country) {
    return Wrong(iban, "begins like an IBAN, but no such country has IBANs");
  }
  if (iban.size() != row->length) {
    return Wrong(iban, base::StrCat("has ", iban.size(), " characters, an IBAN of ", country,
                                    " has ", row->length));
  }
  if (!IsDigit(iban[2]) || !IsDigit(iban[3]) || Remainder97(iban) != 1) {
    return Wrong(iban, "has wrong check digits");
  }
  return absl::OkStatus();
}

bool LooksLikeIban(std::string_view account_number) {
  return account_number.size() >= 4 && IsLetter(account_number[0]) &&
         IsLetter(account_number[1]) && IsDigit(account_number[2]) && IsDigit(account_number[3]);
}

std::string NormalAccountNumber(std::string_view account_number) {
  std::string out;
  out.reserve(account_number.size());
  for (const char c : account_number) {
    if (c != ' ') out.push_back(c);
  }
  return LooksLikeIban(out) ? base::ToUpper(out) : out;
}

}  // namespace kontor::model
