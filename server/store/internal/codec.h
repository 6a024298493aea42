// SPDX-License-Identifier: Apache-2.0
// Texts at rest: the JSON bodies of operations and exceptions, the audit's canonical bytes, page
// tokens. Pure; sealing is the caller's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/model/event.h"
#include "server/model/operation.h"
#include "server/ports/crypto.h"
#include "server/ports/store.h"

namespace kontor::store::internal {

/// Everything of the operation that has no column of its own. TEXT_INVALID for bytes that are not
/// UTF-8.
absl::StatusOr<std::string> OperationBody(const model::Operation& operation);
/// Fills what OperationBody wrote. STORE_UNAVAILABLE when the text is not one of ours.
absl::Status ReadOperationBody(const std::string& body, model::Operation* operation);

absl::StatusOr<std::string> ExceptionBody(const model::ExceptionCase& exception);
absl::Status ReadExceptionBody(const std::string& body, model::ExceptionCase* exception);

/// One unambiguous encoding of the whole row but its hash: length-prefixed fields.
std::string AuditBytes(const ports::AuditEntry& entry);

/// An opaque text for the last key of a page of `list`, such as "operations".
std::string PageToken(std::string_view list, std::string_view key);
/// The key; empty for an empty token. PAGE_TOKEN_INVALID on anything PageToken did not make.
absl::StatusOr<std::string> ReadPageToken(std::string_view list, std::string_view token);

/// Names of enumerators whose headers have no parser; INTERNAL for an unknown name.
absl::StatusOr<model::DocumentType> DocumentTypeOf(std::string_view name);
absl::StatusOr<model::ExceptionState> ExceptionStateOf(std::string_view name);
std::string_view NameOf(ports::DeliveryState state);
absl::StatusOr<ports::DeliveryState> DeliveryStateOf(std::string_view name);

/// 32 hexadecimal digits of 128 random bits.
std::string RandomHex(const ports::Crypto& crypto);

/// 64 bits of a hexadecimal digest, those from digit `from` on.
int64_t MarkOf(std::string_view hex_digest, size_t from = 0);

/// Microseconds since 1970, clamped for the ends of time.
int64_t ToMicros(absl::Time time);
absl::Time FromMicros(int64_t micros);

}  // namespace kontor::store::internal
