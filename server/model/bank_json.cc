// SPDX-License-Identifier: Apache-2.0
#include "server/model/internal/bank_json.h"

namespace kontor::model::internal {
namespace {

struct AddressField {
  const char* key;
  std::string PostalAddress::* member;
};
constexpr AddressField kAddressFields[] = {
    {"department", &PostalAddress::department},
    {"sub_department", &PostalAddress::sub_department},
    {"street", &PostalAddress::street},
    {"building_number", &PostalAddress::building_number},
    {"building_name", &PostalAddress::building_name},
    {"floor", &PostalAddress::floor},
    {"post_box", &PostalAddress::post_box},
    {"room", &PostalAddress::room},
    {"post_code", &PostalAddress::post_code},
    {"town", &PostalAddress::town},
    {"town_location", &PostalAddress::town_location},
    {"district", &PostalAddress::district},
    {"country_subdivision", &PostalAddress::country_subdivision},
    {"country_code", &PostalAddress::country_code},
};

void ReadCurrency(JsonFields& in, const char* key, Currency& out) {
  std::optional<Currency> currency;
  in.Parsed(key, currency, Currency::Parse);
  out = currency.value_or(Currency());
}

}  // namespace

void ReadDuration(JsonFields& in, const char* key, absl::Duration& out) {
  std::string text;
  in.Text(key, text);
  if (text.empty()) return;
  if (!absl::ParseDuration(text, &out)) in.Wrong(key, "is no duration such as 300s");
}

std::string DurationText(absl::Duration duration) {
  const int64_t ms = absl::ToInt64Milliseconds(duration);
  constexpr int64_t kSecond = 1000;
  if (ms % kSecond == 0) return base::StrCat(ms / kSecond, "s");
  std::string fraction = base::StrCat(ms % kSecond);
  fraction.insert(0, std::string_view("000").substr(fraction.size()));
  return base::StrCat(ms / kSecond, ".", fraction, "s");
}

void ReadAddress(JsonFields& in, PostalAddress& out) {
  for (const AddressField& field : kAddressFields) in.Text(field.key, out.*field.member);
  in.Texts("lines", out.lines);
}

Json WriteAddress(const PostalAddress& address) {
  Json out = Json::object();
  for (const AddressField& field : kAddressFields) {
    PutText(out, field.key, address.*field.member);
  }
  if (!address.lines.empty()) out["lines"] = address.lines;
  return out;
}

void ReadParty(JsonFields& in, BankParty& out) {
  in.Text("name", out.name);
  in.Object("address", [&](JsonFields& at) { ReadAddress(at, out.address); });
  in.Text("lei", out.lei);
  in.Text("organisation_id", out.id);
  in.Text("account", out.account.number);
  in.Text("account_scheme", out.account.scheme);
  ReadCurrency(in, "account_currency", out.account.currency);
  in.Text("bic", out.agent.bic);
  in.Text("clearing_system", out.agent.clearing_system);
  in.Text("member_id", out.agent.member_id);
  in.Text("bank_name", out.agent.name);
}

Json WriteParty(const BankParty& party) {
  Json out = Json::object();
  PutText(out, "name", party.name);
  PutObject(out, "address", WriteAddress(party.address));
  PutText(out, "lei", party.lei);
  PutText(out, "organisation_id", party.id);
  PutText(out, "account", party.account.number);
  PutText(out, "account_scheme", party.account.scheme);
  PutText(out, "account_currency", party.account.currency.code());
  PutText(out, "bic", party.agent.bic);
  PutText(out, "clearing_system", party.agent.clearing_system);
  PutText(out, "member_id", party.agent.member_id);
  PutText(out, "bank_name", party.agent.name);
  return out;
}

}  // namespace kontor::model::internal
