// SPDX-License-Identifier: Apache-2.0
// Questions about documents that several rooms ask: lane, dates, totals, partners, prepared
// attachments. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/engine/engine.h"
#include "server/model/catalogue.h"
#include "server/model/document.h"

namespace kontor::engine {

/// `<connection>/<company>/<journal or "partners">`. Without a named journal: the catalogue's first
/// of the type, or, when there is no catalogue yet, a lane that the check replaces ("~sale").
std::string LaneOf(const model::Document& document, const Entity& entity,
                   const model::Catalogue* catalogue);
/// Whether LaneOf could not name the journal.
bool IsProvisionalLane(const std::string& lane);

/// The accounting date that was asked for; none when Odoo decides.
std::optional<model::Date> AskedDate(const model::Document& document);
/// The total that was asked for: stated, or summed lines without tax. Unsigned; zero for partners.
model::Decimal AskedTotal(const model::Document& document);
std::string CurrencyCodeOf(const model::Document& document, const Entity& entity);
std::string JournalCodeOf(const model::Document& document);
/// References of partners of the same source that the document names; without doubles.
std::vector<std::string> PartnerReferencesOf(const model::Document& document);
/// Prefix of field paths: "invoice", "payment", "journal_entry", "partner".
std::string_view FieldRootOf(const model::Document& document);

/// Fills the columns of the row that follow from the content; content itself with attachments.
void DescribeRow(const model::Document& document, const Entity& entity, ports::DocumentRow& row);
/// Sets the sha256 of attachments with content.
void DigestAttachments(model::Document& document, const ports::Crypto& crypto);
/// Takes the content of attachments that come without bytes from `old`, by sha256.
void KeepAttachments(const model::Document& old, model::Document& document);

/// Taken by the one operation that reverses a document, so that two cannot.
std::string ReversalKey(const std::string& original_id);
/// The document that answers `original`: a credit note, or the mirrored journal entry.
/// `journal_code` empty: the original's journal. FIELD_INVALID for payments, partners, credit
/// notes.
absl::StatusOr<model::Document> MirrorOf(const model::Document& original,
                                         const ports::DocumentRow& row, const model::Date& date,
                                         const std::string& reason,
                                         const std::string& journal_code);

}  // namespace kontor::engine
