// SPDX-License-Identifier: Apache-2.0
// The normal form of documents: one JSON text per content, whatever way it came. Stored sealed,
// compared for request_id reuse, digested.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/document.h"

namespace kontor::model {

/// Version of the normal form; named beside every digest. A new one never reinterprets old digests.
inline constexpr int kCanonVersion = 1;

/// The document as JSON: keys sorted and named as in proto/kontor/v1, empty and default values left
/// out (type, entity and the kinds always stand), decimals in their shortest form, dates as
/// YYYY-MM-DD, account numbers without spaces, attachments by name, type and sha256.
/// `with_attachment_bytes`: the document's id and the content too, as base64, for the store;
/// without it, what is digested. Valid UTF-8 is expected (ValidateDocument sees to that). Pure.
std::string ToCanonicalJson(const Document& document, bool with_attachment_bytes);
/// Reads what ToCanonicalJson wrote; DATA_LOSS-free: FIELD_INVALID on anything else.
absl::StatusOr<Document> FromCanonicalJson(std::string_view json);

/// Paths at which two normal forms differ, at most `most`, in order: {"due_date",
/// "lines[0].unit_price"}. The document's id is not compared, nor are attachment bytes: their
/// sha256 is. {"document"} when one of the two is not JSON.
std::vector<std::string> DifferingFields(std::string_view canonical_a,
                                         std::string_view canonical_b, size_t most);

/// The name under module `kontor` in Odoo: `k1_` + 40 hex characters of a SHA-256 over connection,
/// source, request id and part ("doc", "line3", "bank0", "att1"). `digest` is SHA-256 → hex.
std::string ExternalIdOf(std::string_view connection, std::string_view source,
                         std::string_view request_id, std::string_view part,
                         const std::function<std::string(std::string_view)>& sha256_hex);

}  // namespace kontor::model
