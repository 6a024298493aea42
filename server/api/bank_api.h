// SPDX-License-Identifier: Apache-2.0
// The methods of banks' master data. Apart from methods.h, which every other service reads.
#pragma once

#include "server/api/pipeline.h"
#include "server/engine/banks/banks.h"

namespace kontor::api {

void AddBankMethods(banks::Banks& banks, Registry* registry);

}  // namespace kontor::api
