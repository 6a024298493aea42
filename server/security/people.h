// SPDX-License-Identifier: Apache-2.0
// Principals as the engine asks for them.
#pragma once

#include <memory>

#include "server/ports/people.h"

namespace kontor::security {

std::unique_ptr<ports::People> MakePeople();

}  // namespace kontor::security
