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

/// xmlrpc-c knows only the Basic Multilingual Plane and refuses the rest (emoji, rare ideographs).
/// Hides each other character, and each U+E000, as U+E000 and its code in six hex digits, which is
/// turned back once xmlrpc-c has seen the text. Show(Hide(x)) is x for valid UTF-8.
std::string HideAstral(std::string_view text);
std::string ShowAstral(std::string_view text);

/// Refuses a document type declaration (xmlrpc-c's parser expands entities without limit), drops
/// characters that XML forbids, hides astral ones, and turns every <double> into a <string> with
/// the digits as sent.
/// ODOO_ANSWER_UNREADABLE, outcome unknown, for anything that is not XML.
absl::StatusOr<std::string> PrepareXmlAnswer(std::string_view body);

}  // namespace kontor::odoo
