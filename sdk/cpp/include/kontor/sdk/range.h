// SPDX-License-Identifier: Apache-2.0
// All entries of a paged list as one range that fetches pages as it goes.
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace kontor::sdk {

/// `for (auto& invoice : client.ListInvoices(request)) { if (!invoice.ok()) …; Use(*invoice); }`
/// Each element is a StatusOr: a page that cannot be fetched is one last failed element. Single
/// pass. Not thread-safe.
template <typename Item>
class Range {
 public:
  /// One page and the token of the next, empty at the end.
  struct Page {
    std::vector<Item> items;
    std::string next_page_token;
  };
  using Fetch = std::function<absl::StatusOr<Page>(const std::string& page_token)>;

  /// `page_token` is where to begin; empty means at the first page.
  explicit Range(Fetch fetch, std::string page_token = "")
      : state_(std::make_shared<State>(State{std::move(fetch), std::move(page_token)})) {}

  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = absl::StatusOr<Item>;
    using difference_type = std::ptrdiff_t;
    using pointer = value_type*;
    using reference = value_type&;

    iterator() = default;
    explicit iterator(std::shared_ptr<typename Range::State> state) : state_(std::move(state)) {
      if (!state_->Advance()) state_.reset();
    }
    reference operator*() const { return state_->current; }
    pointer operator->() const { return &state_->current; }
    iterator& operator++() {
      if (!state_->Advance()) state_.reset();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& a, const iterator& b) { return a.state_ == b.state_; }

   private:
    std::shared_ptr<typename Range::State> state_;
  };

  iterator begin() { return iterator(state_); }
  iterator end() { return iterator(); }

 private:
  friend class iterator;
  struct State {
    Fetch fetch;
    std::string token;
    std::vector<Item> items{};
    size_t position = 0;
    bool finished = false;
    absl::StatusOr<Item> current = absl::UnknownError("before the first element");

    bool Advance() {
      while (position == items.size()) {
        if (finished) return false;
        auto page = fetch(token);
        if (!page.ok()) {
          finished = true;
          current = std::move(page).status();
          return true;
        }
        items = std::move(page->items);
        position = 0;
        // A server that answers the token it was asked with would never end.
        finished = page->next_page_token.empty() || page->next_page_token == token;
        token = std::move(page->next_page_token);
      }
      current = std::move(items[position++]);
      return true;
    }
  };
  std::shared_ptr<State> state_;
};

}  // namespace kontor::sdk
