// SPDX-License-Identifier: Apache-2.0
// What creates records, always if absent: documents, bank accounts, attachments, activities, the
// marker of the connection; and the update of partners.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "server/model/catalogue.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

absl::StatusOr<std::vector<model::ErpRecord>> CreateDocuments(
    Work& work, const model::Catalogue& catalogue, std::span<const ports::DraftRequest> requests);
absl::Status UpdatePartnerFields(Work& work, const model::Catalogue& catalogue,
                                 const ports::DraftRequest& request,
                                 const model::ErpRecord& record);
absl::Status CreatePartnerAccounts(Work& work, const ports::DraftRequest& request,
                                   const model::ErpRecord& record);
absl::Status CreateAttachments(Work& work, std::span<const ports::AttachmentRequest> requests);
absl::Status CreateActivity(Work& work, const std::string& external_id,
                            const model::ErpRecord& record, const std::string& summary,
                            const std::string& note);

/// The mark of the database: the reference of an archived partner under an external id, since a
/// least-privilege user may read neither database.uuid nor write anything global. Empty: none yet.
absl::StatusOr<std::string> ReadMark(Work& work);
/// Makes the marker if absent; answers the mark that stands there.
absl::StatusOr<std::string> MakeMark(Work& work, const std::string& mark);

}  // namespace kontor::odoo
