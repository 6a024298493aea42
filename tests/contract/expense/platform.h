// SPDX-License-Identifier: Apache-2.0
// A platform's simulator as a process of its own, and how the tests steer it. Knows no adapter.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "server/ports/http_client.h"

namespace kontor::expense::contract {

using nlohmann::json;

/// An HTTP client that may reach this machine.
ports::HttpClient& Http();

/// Starts `expense_sim.py`; it ends with the object.
class Platform {
 public:
  explicit Platform(const std::string& kind);
  ~Platform();
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  const std::string& url() const { return url_; }
  void Add(const json& item) const;
  /// What goes wrong next: {"path", "kind", "times"}.
  void Faults(const json& steps) const;
  /// Taken back after it is listed and before it is acknowledged (Concur).
  void RecallWhenListed(const std::string& id) const;
  json State() const;

 private:
  json Ask(const std::string& name, const json& body) const;

  pid_t pid_ = 0;
  std::string url_;
};

}  // namespace kontor::expense::contract
