// SPDX-License-Identifier: Apache-2.0
// What stands in Odoo behind one of kontor's external ids.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// Asks Odoo for one external id; changes nothing. kNotVisible only when load() too, which reads
/// the table of external ids itself, says that the record is there.
absl::StatusOr<ports::ProbeResult> ProbeExternalId(Work& work, const std::string& external_id);

}  // namespace kontor::odoo
