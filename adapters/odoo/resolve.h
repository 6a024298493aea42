// SPDX-License-Identifier: Apache-2.0
// Looks up in Odoo what documents name and the catalogue does not hold. Changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/mapping.h"
#include "adapters/odoo/session.h"
#include "server/model/catalogue.h"
#include "server/model/document.h"

namespace kontor::odoo {

/// As ports::Erp::Resolve. Partners must be active and, by VAT number, unique among those that are
/// no one's contact; products must be unique by code.
absl::StatusOr<std::vector<model::References>> ResolveReferences(
    Work& work, std::span<const model::Document* const> documents,
    const std::map<std::string, int64_t>& known_partners);

/// Asks for what the batch's mappings need beyond catalogue and references.
absl::StatusOr<Lookups> ReadLookups(Work& work, const model::Catalogue& catalogue,
                                    std::span<const ports::DraftRequest> requests);

/// As Odoo compares account numbers: capitals and digits only.
std::string SanitizedAccount(std::string_view number);

}  // namespace kontor::odoo
