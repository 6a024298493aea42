// SPDX-License-Identifier: Apache-2.0
// The formats as the engine sees them.
#pragma once

#include <memory>

#include "server/ports/codec.h"

namespace kontor::formats {

std::unique_ptr<ports::BankCodec> MakeBankCodec();

}  // namespace kontor::formats
