// SPDX-License-Identifier: Apache-2.0
#include "server/webhooks/pointer_text.h"

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "server/base/strings.h"

namespace kontor::webhooks {
namespace {

using nlohmann::json;

/// Follows a pointer's steps through the events of a parser; every event answers whether to go on.
class Finder final : public nlohmann::json_sax<json> {
 public:
  explicit Finder(const std::string& pointer) {
    json::json_pointer rest(pointer);
    while (!rest.empty()) {
      steps_.insert(steps_.begin(), rest.back());
      rest.pop_back();
    }
  }
  std::string Take() { return std::move(found_); }

  bool null() override { return Value(); }
  bool boolean(bool) override { return Value(); }
  bool number_integer(number_integer_t number) override { return Value(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return Value(std::to_string(number)); }
  bool number_float(number_float_t, const string_t&) override { return Value(); }
  bool string(string_t& text) override { return Value(std::move(text)); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& name) override {
    if (IsOnTheWay()) is_step_ = name == steps_[open_.size() - 1];
    return true;
  }
  bool start_object(size_t) override { return Begin(/*is_array=*/false); }
  bool start_array(size_t) override { return Begin(/*is_array=*/true); }
  bool end_object() override { return End(); }
  bool end_array() override { return End(); }
  bool parse_error(size_t, const std::string&, const json::exception&) override { return false; }

 private:
  struct Container {
    bool is_array = false;
    bool is_on_the_way = false;
    int64_t next = 0;  ///< Of an array's elements.
  };

  /// Whether what is open is where the pointer leads through.
  bool IsOnTheWay() const {
    return !open_.empty() && open_.back().is_on_the_way && open_.size() <= steps_.size();
  }
  /// Called for each value: whether it stands at the next step.
  bool IsStep() {
    if (open_.empty()) return true;
    Container& around = open_.back();
    if (!around.is_array) return IsOnTheWay() && std::exchange(is_step_, false);
    const std::string index = std::to_string(around.next++);
    return IsOnTheWay() && index == steps_[open_.size() - 1];
  }
  bool Value(std::string text = {}) {
    if (!IsStep() || open_.size() != steps_.size()) return true;
    found_ = std::move(text);
    return false;
  }
  bool Begin(bool is_array) {
    const bool is_step = IsStep();
    if (is_step && open_.size() == steps_.size()) return false;  // no text stands there
    open_.push_back({is_array, is_step, 0});
    return true;
  }
  bool End() {
    // The pointer does not lead on elsewhere once its way has ended.
    const bool was_on_the_way = open_.back().is_on_the_way;
    open_.pop_back();
    return !was_on_the_way;
  }

  std::vector<std::string> steps_;
  std::vector<Container> open_;
  bool is_step_ = false;
  std::string found_;
};

}  // namespace

std::string TextAt(std::string_view body, const std::string& pointer) {
  try {
    Finder finder(pointer);
    json::sax_parse(body, &finder, json::input_format_t::json, /*strict=*/false);
    return finder.Take();
  } catch (const json::exception&) {
    return "";
  }
}

}  // namespace kontor::webhooks
