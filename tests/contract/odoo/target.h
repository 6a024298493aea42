// SPDX-License-Identifier: Apache-2.0
// The Odoo under test: a simulator started here, one a series, or the real one that
// KONTOR_ODOO_TARGET names. Nothing here uses the adapter.
#pragma once

#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace kontor::odoo::contract {

struct Target {
  std::string series;
  std::string transport;
  std::string url;
  std::string database;
  std::string login;
  std::string api_key;
  std::string limited_login;
  std::string limited_api_key;
  std::string admin_login;
  std::string admin_password;
  bool simulated = false;
};

/// "18.0/jsonrpc" and so on: what the suite runs over. KONTOR_ODOO_SERIES narrows the simulator to
/// one series, KONTOR_ODOO_TRANSPORT to one transport.
std::vector<std::string> TargetNames();
/// Starts the simulator of the series when needed; it ends with this program.
const Target& TargetOf(const std::string& name);

/// A call as Odoo's administrator, over JSON-RPC by position: what people do beside kontor. Fails
/// the test when Odoo refuses.
nlohmann::json AsAdmin(const Target& target, const std::string& model, const std::string& method,
                       const nlohmann::json& args,
                       const nlohmann::json& kwargs = nlohmann::json::object());
/// POST to the simulator's own address `/_sim/<name>`.
nlohmann::json AskSimulator(const Target& target, const std::string& name,
                            const nlohmann::json& body);

}  // namespace kontor::odoo::contract
