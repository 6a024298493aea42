// SPDX-License-Identifier: Apache-2.0
// Journal entries into Odoo.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/journal_entry.pb.h"

namespace kontor::sdk {

/// Takes balanced journal entries and puts each into Odoo exactly once. By default they are held
/// until a second person releases them.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class JournalEntryClient : public internal::ClientBase {
 public:
  explicit JournalEntryClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Creates a journal entry. Errors: INVALID_ARGUMENT with findings (ENTRY_UNBALANCED names the
  /// difference), ALREADY_EXISTS (REQUEST_ID_REUSED), NOT_FOUND (ENTITY_UNKNOWN),
  /// PERMISSION_DENIED, RESOURCE_EXHAUSTED. Idempotent by request_id.
  absl::StatusOr<v1::CreateJournalEntryResponse> CreateJournalEntry(
      const v1::CreateJournalEntryRequest& request, const CallOptions& options = {}) const;
  /// Creates up to 500 entries (default limit of the server), each on its own merits. Idempotent
  /// item by item, by request_id.
  absl::StatusOr<v1::BatchCreateJournalEntriesResponse> BatchCreateJournalEntries(
      const v1::BatchCreateJournalEntriesRequest& request, const CallOptions& options = {}) const;
  /// Gets one entry. Errors: NOT_FOUND; with `live`, UNAVAILABLE (ODOO_UNREACHABLE). Idempotent.
  absl::StatusOr<v1::GetJournalEntryResponse> GetJournalEntry(
      const v1::GetJournalEntryRequest& request, const CallOptions& options = {}) const;
  /// Lists entries, newest first. Fetches pages as it goes; page_token says where to begin.
  Range<v1::JournalEntry> ListJournalEntries(v1::ListJournalEntriesRequest request,
                                             const CallOptions& options = {}) const;
  /// Answers a posted entry with its mirror image, linked to it. Errors: FAILED_PRECONDITION
  /// (STATE_CONFLICT). Idempotent by request_id.
  absl::StatusOr<v1::ReverseJournalEntryResponse> ReverseJournalEntry(
      const v1::ReverseJournalEntryRequest& request, const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
