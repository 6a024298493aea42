// SPDX-License-Identifier: Apache-2.0
// What must be done to XML-RPC texts before and after xmlrpc-c sees them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace kontor::odoo {

/// Valid UTF-8 without the characters that XML 1.0 forbids: xmlrpc-c sends control characters raw,
/// and Odoo's parser then refuses the whole call. Line feed, carriage return and tab stay.
std::string XmlSafe(std::string_view text);

/// Refuses a document type declaration (xmlrpc-c's parser expands entities without limit), drops
/// characters that XML forbids, and turns every <double> into a <string> with the digits as sent.
/// ODOO_ANSWER_UNREADABLE, outcome unknown, for anything that is not XML.
absl::StatusOr<std::string> PrepareXmlAnswer(std::string_view body);

}  // namespace kontor::odoo
