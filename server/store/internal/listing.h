// SPDX-License-Identifier: Apache-2.0
// What all lists have in common: growing conditions, page limits, page tokens. Lists begin with the
// newest; a page's token is the last key shown, so rows that arrive meanwhile move nothing.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/strings.h"
#include "server/ports/store.h"
#include "server/store/internal/codec.h"
#include "server/store/internal/sql.h"

namespace kontor::store::internal {

inline constexpr int kPageMax = 1000;

/// A `where` that grows by conditions; keeps the texts its values borrow.
class Where {
 public:
  void Add(std::string_view condition, Value value) {
    AddPlain(condition);
    values_.push_back(value);
  }
  void AddPlain(std::string_view condition) {
    base::StrAppend(&text_, text_.empty() ? " where " : " and ", condition);
  }
  void AddIfGiven(std::string_view condition, const std::string& text) {
    if (!text.empty()) Add(condition, text);
  }
  void Also(Value value) { values_.push_back(value); }
  const std::string& text() const { return text_; }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::string text_;
  std::vector<Value> values_;
};

/// One more than asked tells whether there is a next page.
inline int LimitOf(const ports::Page& page) { return std::clamp(page.limit, 1, kPageMax) + 1; }

template <typename T, typename KeyOf>
ports::Listed<T> Pack(std::vector<T> rows, int limit, std::string_view list, KeyOf key_of) {
  ports::Listed<T> out;
  if (static_cast<int>(rows.size()) >= limit) {
    rows.resize(static_cast<size_t>(limit) - 1);
    out.next = PageToken(list, key_of(rows.back()));
  }
  out.rows = std::move(rows);
  return out;
}

inline int Capped(int limit) { return std::clamp(limit, 1, 100'000); }

/// `:v0, :v1`: names differ, since SQLite takes two parameters of one name for one.
inline std::string Marks(size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) base::StrAppend(&out, i == 0 ? ":v" : ", :v", i);
  return out;
}

}  // namespace kontor::store::internal
