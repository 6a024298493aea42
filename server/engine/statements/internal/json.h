// SPDX-License-Identifier: Apache-2.0
// Values of the model as JSON in bodies of our own. Exceptions of the JSON library end in FlowOf
// and its like.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "server/engine/flow_json.h"
#include "server/model/finding.h"
#include "server/model/money.h"
#include "server/model/operation.h"

namespace nlohmann {

template <>
struct adl_serializer<kontor::model::Money> {
  static void to_json(json& out, const kontor::model::Money& in) {
    out = json::array({in.currency().code(), in.minor()});
  }
  static void from_json(const json& in, kontor::model::Money& out) {
    const auto code = in.at(0).get<std::string>();
    if (code.empty()) {
      out = kontor::model::Money();
      return;
    }
    const auto currency = kontor::model::Currency::Parse(code);
    if (!currency.ok()) throw std::runtime_error("no currency");
    out = kontor::model::Money(*currency, in.at(1).get<int64_t>());
  }
};

template <>
struct adl_serializer<kontor::model::ErpRecord> {
  static void to_json(json& out, const kontor::model::ErpRecord& in) {
    out = json::array({in.model, in.id, in.name});
  }
  static void from_json(const json& in, kontor::model::ErpRecord& out) {
    in.at(0).get_to(out.model);
    in.at(1).get_to(out.id);
    in.at(2).get_to(out.name);
  }
};

template <>
struct adl_serializer<kontor::model::Finding> {
  static void to_json(json& out, const kontor::model::Finding& in) {
    out = kontor::engine::StoredFinding(in);
  }
  static void from_json(const json& in, kontor::model::Finding& out) {
    out = kontor::engine::FindingFromStored(in);
  }
};

}  // namespace nlohmann
