// SPDX-License-Identifier: Apache-2.0
// One text out of a JSON body, without building the rest.
#pragma once

#include <string>
#include <string_view>

namespace kontor::webhooks {

/// The text or whole number at a JSON Pointer; empty when there is none, or the body is no JSON up
/// to it. Of a member that comes twice the first counts. What follows it is not looked at.
std::string TextAt(std::string_view body, const std::string& pointer);

}  // namespace kontor::webhooks
