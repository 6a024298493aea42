// SPDX-License-Identifier: Apache-2.0
#include "adapters/expense/exact_json.h"

#include <vector>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::expense {
namespace {

using base::Error;
using base::Reason;
using nlohmann::json;

/// Builds the document; the innermost open object or array is the last of `open_`.
class Builder : public nlohmann::json_sax<json> {
 public:
  bool null() override { return Put(nullptr); }
  bool boolean(bool value) override { return Put(value); }
  bool number_integer(number_integer_t value) override { return Put(value); }
  bool number_unsigned(number_unsigned_t value) override { return Put(value); }
  bool number_float(number_float_t /*value*/, const string_t& text) override { return Put(text); }
  bool string(string_t& value) override { return Put(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return Open(json::object()); }
  bool start_array(std::size_t /*size*/) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) {
      status_ = Error(Reason::kMessageUnreadable).Says("a key stands twice in one object");
      return false;
    }
    key_ = name;
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*problem*/) override {
    if (status_.ok()) {
      status_ = Error(Reason::kMessageUnreadable)
                    .Says(base::StrCat("it is no JSON at byte ", position));
    }
    return false;
  }
  const absl::Status& status() const { return status_; }
  json Take() { return std::move(root_); }

 private:
  json* Place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }
  template <typename T>
  bool Put(T&& value) {
    Place(json(std::forward<T>(value)));
    return true;
  }
  bool Open(json value) {
    if (open_.size() >= kJsonDepthMax) {
      status_ = Error(Reason::kMessageUnreadable).Says("it is nested too deeply");
      return false;
    }
    open_.push_back(Place(std::move(value)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  json root_;
  std::vector<json*> open_;
  std::string key_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<json> ParseExact(std::string_view text) {
  Builder builder;
  if (json::sax_parse(text, &builder)) return builder.Take();
  if (!builder.status().ok()) return builder.status();
  return Error(Reason::kMessageUnreadable).Says("it is no JSON");
}

std::string TextMember(const json& object, std::string_view key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace kontor::expense
