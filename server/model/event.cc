// SPDX-License-Identifier: Apache-2.0
// The closed list of published event types, and which of them a state is.
#include "server/model/event.h"

#include <array>

#include "server/base/strings.h"
#include "server/model/internal/names.h"

namespace kontor::model {
namespace {

constexpr std::array<std::string_view, 3> kExceptionStates = {"OPEN", "AWAITING_SECOND_PERSON",
                                                              "RESOLVED"};
constexpr std::array<std::string_view, 4> kResolutions = {"RETRY", "CORRECT_AND_RETRY", "ACCEPT",
                                                          "REJECT"};

void Append(std::vector<std::string>& types, std::string_view noun,
            std::initializer_list<std::string_view> participles) {
  for (const std::string_view participle : participles) {
    types.push_back(base::StrCat(noun, ".", participle));
  }
}

}  // namespace

const std::vector<std::string>& EventTypes() {
  static const auto* const kEventTypes = [] {
    auto* types = new std::vector<std::string>;
    for (const std::string_view noun : {"invoice", "bill", "credit_note"}) {
      Append(*types, noun,
             {"accepted", "held", "drafted", "posted", "cancelled", "exception", "shadowed",
              "payment_state_changed", "paid", "changed_in_odoo", "deleted_in_odoo"});
    }
    Append(*types, "payment", {"sent"});
    Append(*types, "partner_bank", {"changed"});
    Append(*types, "lock_dates", {"changed"});
    for (const std::string_view noun : {"payment", "journal_entry", "expense_claim"}) {
      Append(*types, noun,
             {"accepted", "held", "drafted", "posted", "cancelled", "exception", "shadowed",
              "changed_in_odoo", "deleted_in_odoo"});
    }
    Append(*types, "partner",
           {"accepted", "held", "synced", "cancelled", "exception", "shadowed",
            "deleted_in_odoo"});
    Append(*types, "expense_report",
           {"received", "validated", "exception", "posted", "failed", "reimbursed", "recalled"});
    types->push_back("reimbursement.failed");
    Append(*types, "statement", {"imported", "gap_detected", "refused", "posted"});
    Append(*types, "balance", {"updated"});
    Append(*types, "payment_order",
           {"created", "validated", "exception", "held", "approvals_voided", "approved", "released",
            "shadowed", "rerouted", "unknown", "submitted", "acknowledged", "accepted",
            "partially_settled", "settled", "rejected", "returned", "cancelled", "reminder",
            "escalated", "cut_off_missed"});
    // Of one payment of an order.
    Append(*types, "payment", {"submitted", "settled", "rejected", "returned"});
    Append(*types, "beneficiary", {"changed", "confirmed", "blocked"});
    return types;
  }();
  return *kEventTypes;
}

std::string_view EventNounOf(const Content& content) {
  switch (static_cast<DocumentType>(content.index())) {
    case DocumentType::kPartner: return "partner";
    case DocumentType::kPayment: return "payment";
    case DocumentType::kJournalEntry: return "journal_entry";
    case DocumentType::kExpenseClaim: return "expense_claim";
    case DocumentType::kInvoice: break;
  }
  const InvoiceKind kind = std::get<Invoice>(content).kind;
  if (IsCreditNote(kind)) return "credit_note";
  return IsPurchase(kind) ? "bill" : "invoice";
}

std::string EventTypeFor(const Document& document, Verb verb, OperationState state,
                         Posting posting) {
  const std::string_view noun = EventNounOf(document.content);
  const bool cancels = verb == Verb::kCancel;
  switch (state) {
    case OperationState::kException: return base::StrCat(noun, ".exception");
    case OperationState::kAccepted: return cancels ? "" : base::StrCat(noun, ".accepted");
    case OperationState::kHeld: return cancels ? "" : base::StrCat(noun, ".held");
    case OperationState::kCancelled: return cancels ? "" : base::StrCat(noun, ".cancelled");
    case OperationState::kPosted:
      if (cancels) return base::StrCat(noun, ".cancelled");
      if (document.type() == DocumentType::kPartner) return base::StrCat(noun, ".synced");
      return base::StrCat(noun, posting == Posting::kDraft ? ".drafted" : ".posted");
    case OperationState::kReady:
    case OperationState::kSending:
    case OperationState::kRetrying:
    case OperationState::kUnknown:
    case OperationState::kParked: return "";
  }
  return "";
}

std::string_view NameOf(ExceptionState state) {
  return internal::NameAt(kExceptionStates, state);
}
std::optional<ExceptionState> ParseExceptionState(std::string_view name) {
  return internal::ParseName<ExceptionState>(kExceptionStates, name);
}

std::string_view NameOf(Resolution resolution) {
  return internal::NameAt(kResolutions, resolution);
}
std::optional<Resolution> ParseResolution(std::string_view name) {
  return internal::ParseName<Resolution>(kResolutions, name);
}

}  // namespace kontor::model
