// SPDX-License-Identifier: Apache-2.0
// The yardstick: libxml2's SAX2 interface with callbacks that do nothing.
#pragma once

#include <string>

namespace kontor::bench {

/// Reads the file to its end; answers how many elements began, −1 when it is not well-formed.
long BareSax(const std::string& path);

}  // namespace kontor::bench
