// SPDX-License-Identifier: Apache-2.0
// Bank samples and schemas that lie beside the tree and are read in place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kontor::formats::testing {

/// KONTOR_SHARED, or ../shared from the working folder.
std::string SharedFolder();
bool HasShared();
/// Contents of a file below that folder; fails the test when it cannot be read.
std::string ReadShared(const std::string& name);
/// Names of the files in a folder below it, sorted.
std::vector<std::string> ListShared(const std::string& folder);

}  // namespace kontor::formats::testing
