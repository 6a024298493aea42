// SPDX-License-Identifier: Apache-2.0
// Reading Odoo's values; see value.h.
#include "adapters/odoo/value.h"

#include <algorithm>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Reason;

/// Builds the value while reading, keeping number texts. nlohmann's parser is iterative; the depth
/// is bounded all the same, because what is read is walked recursively later.
class TextKeepingSax final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return Put(Json()); }
  bool boolean(bool value) override { return Put(Json(value)); }
  bool number_integer(number_integer_t value) override { return Put(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) return Put(Json(std::to_string(value)));
    return Put(Json(static_cast<int64_t>(value)));
  }
  bool number_float(number_float_t, const string_t& text) override { return Put(Json(text)); }
  bool string(string_t& value) override { return Put(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(Json::object()); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(Json::array()); }
  bool end_array() override { return Close(); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }
  Json&& Take() { return std::move(root_); }

 private:
  bool Put(Json value) { return Place(std::move(value)) != nullptr; }
  bool Open(Json value) {
    if (stack_.size() >= static_cast<size_t>(kDepthMax)) return false;
    Json* const placed = Place(std::move(value));
    stack_.push_back(placed);
    return true;
  }
  bool Close() {
    stack_.pop_back();
    return true;
  }
  Json* Place(Json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    Json& slot = parent[key_];
    slot = std::move(value);
    return &slot;
  }

  Json root_;
  std::vector<Json*> stack_;
  std::string key_;
};

const Json* Find(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(std::string(key));
  return it == object.end() ? nullptr : &*it;
}

/// Rounds a run of digits to 15 significant ones, half to even, in place; true when a carry made
/// it one digit longer (then the first digit is the new one).
bool RoundDigits(std::string& digits, size_t keep) {
  const bool rest = digits.find_first_not_of('0', keep + 1) != std::string::npos;
  const bool above = digits[keep] > '5' || (digits[keep] == '5' && rest);
  const bool half = digits[keep] == '5' && !above;
  const bool odd = keep > 0 && (digits[keep - 1] - '0') % 2 == 1;
  digits.resize(keep);
  if (!above && !(half && odd)) return false;
  for (size_t i = keep; i-- > 0;) {
    if (digits[i] != '9') {
      ++digits[i];
      return false;
    }
    digits[i] = '0';
  }
  digits.insert(digits.begin(), '1');
  return true;
}

struct FloatText {
  bool negative = false;
  std::string digits;  ///< Without leading zeros; empty for zero.
  int point = 0;       ///< Digits before the point; may be negative or beyond the digits.
};

absl::StatusOr<FloatText> SplitFloatText(std::string_view text) {
  constexpr int64_t kExponentMax = 400;
  const Error invalid(Reason::kAmountInvalid);
  FloatText out;
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) out.negative = text[i++] == '-';
  int point = -1;
  int digits_seen = 0;
  std::string digits;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      digits.push_back(c);
      ++digits_seen;
    } else if (c == '.' && point < 0) {
      point = digits_seen;
    } else {
      break;
    }
  }
  if (digits_seen == 0) return invalid;
  if (point < 0) point = digits_seen;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return invalid;
    std::string_view exponent = text.substr(i + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    const auto value = base::ParseInt64(exponent);
    if (!value.ok() || *value > kExponentMax || *value < -kExponentMax) return invalid;
    point += static_cast<int>(*value);
  }
  const size_t lead = digits.find_first_not_of('0');
  if (lead == std::string::npos) return out;
  out.digits = digits.substr(lead);
  out.point = point - static_cast<int>(lead);
  return out;
}

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text) {
  TextKeepingSax sax;
  try {
    if (!Json::sax_parse(text.begin(), text.end(), &sax)) {
      return Error(Reason::kOdooAnswerUnreadable).Says("the answer is not JSON");
    }
  } catch (const std::exception&) {
    return Error(Reason::kOdooAnswerUnreadable).Says("the answer is not JSON");
  }
  return sax.Take();
}

std::string DumpJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json Term(std::string_view field, std::string_view op, Json value) {
  return Json::array({std::string(field), std::string(op), std::move(value)});
}

std::string TextOf(const Json& object, std::string_view key) {
  const Json* const value = Find(object, key);
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number_integer()) return std::to_string(value->get<int64_t>());
  return "";
}

int64_t IntOf(const Json& object, std::string_view key) {
  const Json* const value = Find(object, key);
  return value != nullptr && value->is_number_integer() ? value->get<int64_t>() : 0;
}

bool BoolOf(const Json& object, std::string_view key) {
  const Json* const value = Find(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::optional<base::Date> DateOf(const Json& object, std::string_view key) {
  constexpr size_t kDateSize = 10;
  const std::string text = TextOf(object, key);
  const auto date = base::Date::Parse(std::string_view(text).substr(0, kDateSize));
  if (!date.ok()) return std::nullopt;
  return *date;
}

int64_t LinkIdOf(const Json& object, std::string_view key) {
  const Json* const value = Find(object, key);
  if (value == nullptr) return 0;
  if (value->is_number_integer()) return value->get<int64_t>();
  if (value->is_array() && !value->empty() && value->front().is_number_integer()) {
    return value->front().get<int64_t>();
  }
  return 0;
}

std::string LinkNameOf(const Json& object, std::string_view key) {
  const Json* const value = Find(object, key);
  if (value == nullptr || !value->is_array() || value->size() < 2 || !(*value)[1].is_string()) {
    return "";
  }
  return (*value)[1].get<std::string>();
}

std::vector<int64_t> IdsOf(const Json& value) {
  std::vector<int64_t> ids;
  if (!value.is_array()) return ids;
  for (const Json& id : value) {
    if (id.is_number_integer()) ids.push_back(id.get<int64_t>());
  }
  return ids;
}

absl::StatusOr<base::Decimal> DecimalOfFloatText(std::string_view text) {
  constexpr size_t kSignificantDigits = 15;
  KONTOR_ASSIGN_OR_RETURN(FloatText number, SplitFloatText(text));
  if (number.digits.empty()) return base::Decimal();
  if (number.digits.size() > kSignificantDigits && RoundDigits(number.digits, kSignificantDigits)) {
    ++number.point;
  }
  if (number.point > base::Decimal::kIntegerDigitsMax) return Error(Reason::kAmountTooLarge);
  std::string whole = "0";
  std::string fraction;
  if (number.point > 0) {
    const size_t before = static_cast<size_t>(number.point);
    number.digits.resize(std::max(number.digits.size(), before), '0');
    whole = number.digits.substr(0, before);
    fraction = number.digits.substr(before);
  } else {
    fraction = std::string(static_cast<size_t>(-number.point), '0') + number.digits;
  }
  const size_t scale_max = static_cast<size_t>(base::Decimal::kScaleMax);
  if (fraction.size() > scale_max) {
    std::string all = whole + fraction;
    if (RoundDigits(all, whole.size() + scale_max)) whole.insert(whole.begin(), '0');
    whole = all.substr(0, whole.size());
    fraction = all.substr(whole.size());
  }
  return base::Decimal::Parse(base::StrCat(number.negative ? "-" : "", whole,
                                           fraction.empty() ? "" : ".", fraction));
}

absl::StatusOr<base::Decimal> DecimalOf(const Json& object, std::string_view key) {
  const std::string text = TextOf(object, key);
  if (text.empty()) return base::Decimal();
  return DecimalOfFloatText(text);
}

absl::StatusOr<base::Decimal> AmountOf(const Json& object, std::string_view key, int scale) {
  const auto amount = DecimalOf(object, key);
  if (!amount.ok() || amount->ScaleNeeded() > scale) {
    return Error(Reason::kOdooAnswerUnreadable)
        .Says(base::StrCat("Odoo answered ", Presentable(TextOf(object, key)), " as ", key,
                           ", which its currency cannot hold"));
  }
  return *amount;
}

namespace {

/// 17 words a RedirectWarning as its arguments, a Python tuple: the sentence is its first text.
std::string_view SentenceOf(std::string_view message) {
  if (!message.starts_with("('") && !message.starts_with("(\"")) return message;
  const char quote = message[1];
  for (size_t at = 2; at < message.size(); ++at) {
    if (message[at] == '\\') {
      ++at;
    } else if (message[at] == quote) {
      return message.substr(2, at - 2);
    }
  }
  return message;
}

}  // namespace

std::string Presentable(std::string_view text) {
  const std::string_view message = SentenceOf(text);
  constexpr size_t kBytesMax = 500;
  constexpr std::string_view kTraceback = "Traceback (most recent call last)";
  if (message.find(kTraceback) != std::string_view::npos) return "";
  std::string out;
  bool space = false;
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F) {
      space = !out.empty();
      continue;
    }
    if (space) out.push_back(' ');
    space = false;
    out.push_back(c);
  }
  if (out.size() > kBytesMax) {
    size_t end = kBytesMax;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
    out += "…";
  }
  return out;
}

}  // namespace kontor::odoo
