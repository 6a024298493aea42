// SPDX-License-Identifier: Apache-2.0
// The methods of JournalEntryService by their wire paths.
#include "kontor/sdk/journal_entry_client.h"

namespace kontor::sdk {

absl::StatusOr<v1::CreateJournalEntryResponse> JournalEntryClient::CreateJournalEntry(
    const v1::CreateJournalEntryRequest& request, const CallOptions& options) const {
  return Invoke<v1::CreateJournalEntryResponse>(
      "/kontor.v1.JournalEntryService/CreateJournalEntry", request, options);
}

absl::StatusOr<v1::BatchCreateJournalEntriesResponse> JournalEntryClient::BatchCreateJournalEntries(
    const v1::BatchCreateJournalEntriesRequest& request, const CallOptions& options) const {
  return Invoke<v1::BatchCreateJournalEntriesResponse>(
      "/kontor.v1.JournalEntryService/BatchCreateJournalEntries", request, options);
}

absl::StatusOr<v1::GetJournalEntryResponse> JournalEntryClient::GetJournalEntry(
    const v1::GetJournalEntryRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetJournalEntryResponse>(
      "/kontor.v1.JournalEntryService/GetJournalEntry", request, options);
}

Range<v1::JournalEntry> JournalEntryClient::ListJournalEntries(
    v1::ListJournalEntriesRequest request, const CallOptions& options) const {
  return Paged<v1::JournalEntry, v1::ListJournalEntriesResponse>(
      "/kontor.v1.JournalEntryService/ListJournalEntries", std::move(request), options,
      [](v1::ListJournalEntriesResponse& response) { return response.mutable_journal_entries(); });
}

absl::StatusOr<v1::ReverseJournalEntryResponse> JournalEntryClient::ReverseJournalEntry(
    const v1::ReverseJournalEntryRequest& request, const CallOptions& options) const {
  return Invoke<v1::ReverseJournalEntryResponse>(
      "/kontor.v1.JournalEntryService/ReverseJournalEntry", request, options);
}

}  // namespace kontor::sdk
