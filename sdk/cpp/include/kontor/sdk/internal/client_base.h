// SPDX-License-Identifier: Apache-2.0
// What all clients have in common: a shared connection and typed calls over it. Not public.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/range.h"

namespace kontor::sdk::internal {

class ClientBase {
 public:
  friend bool operator==(const ClientBase& a, const ClientBase& b) {
    return a.connection_ == b.connection_;
  }

 protected:
  explicit ClientBase(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  template <typename Response>
  absl::StatusOr<Response> Invoke(const char* method, const google::protobuf::Message& request,
                                  const CallOptions& options) const {
    Response response;
    absl::Status status = connection_->Call(method, request, response, options);
    if (!status.ok()) return status;
    return response;
  }

  /// All entries of a paged list. `items` takes them out of one response.
  template <typename Item, typename Response, typename Request, typename Items>
  Range<Item> Paged(const char* method, Request request, const CallOptions& options,
                    Items items) const {
    std::string first = request.page_token();
    return Range<Item>(
        [connection = connection_, method, request = std::move(request), options,
         items](const std::string& token) mutable -> absl::StatusOr<typename Range<Item>::Page> {
          request.set_page_token(token);
          Response response;
          absl::Status status = connection->Call(method, request, response, options);
          if (!status.ok()) return status;
          typename Range<Item>::Page page;
          auto& entries = *items(response);
          page.items.reserve(static_cast<size_t>(entries.size()));
          for (auto& entry : entries) page.items.push_back(std::move(entry));
          page.next_page_token = response.next_page_token();
          return page;
        },
        std::move(first));
  }

  const std::shared_ptr<Connection>& connection() const { return connection_; }

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace kontor::sdk::internal
