// SPDX-License-Identifier: Apache-2.0
// What Odoo answers, whatever the transport: JSON in which every number that is not a whole one is
// kept as the text that came over the wire. No double is ever made of an amount.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "server/base/date.h"
#include "server/base/decimal.h"

namespace kontor::odoo {

using Json = nlohmann::json;

/// Deepest nesting of an answer that is read.
inline constexpr int kDepthMax = 64;

/// Parses JSON text; whole numbers that fit become integers, other numbers become strings with
/// their digits as sent. ODOO_ANSWER_UNREADABLE for anything else than one JSON value.
absl::StatusOr<Json> ParseJson(std::string_view text);
/// JSON text of a request; invalid UTF-8 is replaced, never thrown about.
std::string DumpJson(const Json& value);

/// One term of a domain: `["state", "=", "posted"]`. Pure.
Json Term(std::string_view field, std::string_view op, Json value);

/// Odoo writes False for empty: these give the empty value for it, for null and for other types.
std::string TextOf(const Json& object, std::string_view key);
int64_t IntOf(const Json& object, std::string_view key);
bool BoolOf(const Json& object, std::string_view key);
std::optional<base::Date> DateOf(const Json& object, std::string_view key);
/// Halves of a many2one `[id, "name"]`; also takes a bare id.
int64_t LinkIdOf(const Json& object, std::string_view key);
std::string LinkNameOf(const Json& object, std::string_view key);
std::vector<int64_t> IdsOf(const Json& value);

/// A number as Odoo wrote it (maybe 0.30000000000000004 or 1e-05), at 15 significant digits: more
/// are artefacts of Odoo's own doubles. AMOUNT_INVALID, AMOUNT_TOO_LARGE.
absl::StatusOr<base::Decimal> DecimalOfFloatText(std::string_view text);
/// The same for a member; False and a missing one are zero.
absl::StatusOr<base::Decimal> DecimalOf(const Json& object, std::string_view key);
/// The same, and it must fit `scale` digits: ODOO_ANSWER_UNREADABLE otherwise.
absl::StatusOr<base::Decimal> AmountOf(const Json& object, std::string_view key, int scale);

/// What may be shown of a text from Odoo: one line, no control characters, no tracebacks, at most
/// 500 bytes.
std::string Presentable(std::string_view message);

}  // namespace kontor::odoo
