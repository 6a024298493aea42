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

/// The document as JSON: keys sorted, empty and default values left out, decimals in their
/// shortest form, dates as YYYY-MM-DD, account numbers without spaces, attachments by name, type
/// and sha256. `with_attachment_bytes`: content too, as base64, for the store.
std::string ToCanonicalJson(const Document& document, bool with_attachment_bytes);
/// Reads what ToCanonicalJson wrote; DATA_LOSS-free: FIELD_INVALID on anything else.
absl::StatusOr<Document> FromCanonicalJson(std::string_view json);

/// Paths at which two normal forms differ, at most `most`: {"lines[0].unit_price", "due_date"}.
std::vector<std::string> DifferingFields(std::string_view canonical_a,
                                         std::string_view canonical_b, size_t most);

/// The name under module `kontor` in Odoo: `k1_` + 40 hex characters of a SHA-256 over connection,
/// source, request id and part ("doc", "line3", "bank0", "att1"). `digest` is SHA-256 → hex.
std::string ExternalIdOf(std::string_view connection, std::string_view source,
                         std::string_view request_id, std::string_view part,
                         const std::function<std::string(std::string_view)>& sha256_hex);

}  // namespace kontor::model
