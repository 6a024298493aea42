// SPDX-License-Identifier: Apache-2.0
#include "kontor/v1/journal_entry.pb.h"
#include "server/api/accepting.h"

namespace kontor::api {
namespace {

absl::Status Write(const FoundDocument& found, v1::JournalEntry* out) {
  if (found.operation.has_value()) WriteOrigin(*found.operation, out);
  return WriteJournalEntry(found.row, out);
}

void Create(const Parts& parts, const Call& call, const v1::CreateJournalEntryRequest& request,
            absl::Duration wait, Answer<v1::CreateJournalEntryResponse> answer) {
  auto document = ReadJournalEntry(request.journal_entry(), "journal_entry");
  if (!document.ok()) {
    answer(document.status());
    return;
  }
  AcceptAndWait(parts, call, AcceptRequestOf(request, call, *std::move(document)), wait,
                [answer = std::move(answer)](auto accepted) {
                  if (!accepted.ok()) {
                    answer(accepted.status());
                    return;
                  }
                  answer(AcceptedResponse<v1::CreateJournalEntryResponse>(
                      *accepted,
                      [](const FoundDocument& found, v1::CreateJournalEntryResponse* out) {
                        return Write(found, out->mutable_journal_entry());
                      }));
                });
}

absl::StatusOr<v1::GetJournalEntryResponse> Get(const Parts& parts, const Call& call,
                                                const v1::GetJournalEntryRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(auto found, FindDocumentFor(parts, call.actor, request.id(),
                                                    model::DocumentType::kJournalEntry));
  if (request.live()) {
    KONTOR_ASSIGN_OR_RETURN(found.row, parts.engine.Refresh(found.row.id));
  }
  v1::GetJournalEntryResponse response;
  KONTOR_RETURN_IF_ERROR(Write(found, response.mutable_journal_entry()));
  return response;
}

absl::StatusOr<v1::ListJournalEntriesResponse> List(const Parts& parts, const Call& call,
                                                    const v1::ListJournalEntriesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  ports::DocumentFilter filter;
  filter.type = model::DocumentType::kJournalEntry;
  filter.entity = request.entity();
  filter.lookup = request.reference();
  filter.state = StateFilter(request.state());
  filter.source = request.source();
  KONTOR_ASSIGN_OR_RETURN(filter.from, ReadDate(request.date_from(), "date_from"));
  KONTOR_ASSIGN_OR_RETURN(filter.to, ReadDate(request.date_to(), "date_to"));
  v1::ListJournalEntriesResponse response;
  KONTOR_RETURN_IF_ERROR(ListDocumentsFor(
      parts, call.actor, filter, page, [&](const FoundDocument& found) {
        return Write(found, response.add_journal_entries());
      }, response.mutable_next_page_token()));
  return response;
}

void Reverse(const Parts& parts, const Call& call, const v1::ReverseJournalEntryRequest& request,
             Answer<v1::ReverseJournalEntryResponse> answer) {
  const auto date = ReadDate(request.date(), "date");
  if (!date.ok()) {
    answer(date.status());
    return;
  }
  ChangeDocument<v1::ReverseJournalEntryResponse>(
      parts, call, request, model::DocumentType::kJournalEntry, model::Verb::kReverse, *date,
      [](const FoundDocument& found, v1::ReverseJournalEntryResponse* out) {
        return Write(found, out->mutable_reversal());
      },
      std::move(answer));
}

}  // namespace

void AddJournalEntryMethods(Parts parts, Registry* registry) {
  const std::string service = "kontor.v1.JournalEntryService/";
  registry->AddAsync<v1::CreateJournalEntryRequest, v1::CreateJournalEntryResponse>(
      service + "CreateJournalEntry", [parts](const Call& call, const auto& request, auto answer) {
        Create(parts, call, request, ReadDuration(request.wait()), std::move(answer));
      });
  registry->AddAsync<v1::BatchCreateJournalEntriesRequest, v1::BatchCreateJournalEntriesResponse>(
      service + "BatchCreateJournalEntries",
      [parts](const Call& call, const auto& request, auto answer) {
        RunBatch<v1::BatchCreateJournalEntriesRequest, v1::BatchCreateJournalEntriesResponse,
                 v1::CreateJournalEntryResponse>(
            parts, call, request, std::move(answer),
            [parts](const Call& c, const auto& item, absl::Duration wait, auto done) {
              Create(parts, c, item, wait, std::move(done));
            });
      });
  registry->Add<v1::GetJournalEntryRequest, v1::GetJournalEntryResponse>(
      service + "GetJournalEntry",
      [parts](const Call& call, const auto& request) { return Get(parts, call, request); });
  registry->Add<v1::ListJournalEntriesRequest, v1::ListJournalEntriesResponse>(
      service + "ListJournalEntries",
      [parts](const Call& call, const auto& request) { return List(parts, call, request); });
  registry->AddAsync<v1::ReverseJournalEntryRequest, v1::ReverseJournalEntryResponse>(
      service + "ReverseJournalEntry", [parts](const Call& call, const auto& request, auto answer) {
        Reverse(parts, call, request, std::move(answer));
      });
}

}  // namespace kontor::api
