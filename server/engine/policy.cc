// SPDX-License-Identifier: Apache-2.0
// The posting policy: who may let kontor post by itself (DESIGN 5.1). Pure.
#include "server/engine/accept.h"
#include "server/engine/documents.h"

namespace kontor::engine {
namespace {

bool Matches(const PostingRule& rule, const Entity& entity, const std::string& source,
             const model::Document& document) {
  if (!rule.source.empty() && rule.source != source) return false;
  if (!rule.entity.empty() && rule.entity != entity.name) return false;
  if (rule.type && *rule.type != document.type()) return false;
  if (!rule.subtype.empty()) {
    if (document.type() != model::DocumentType::kInvoice) return false;
    const auto kind = std::get<model::Invoice>(document.content).kind;
    if (model::NameOf(kind) != rule.subtype) return false;
  }
  if (!rule.currency_code.empty() && rule.currency_code != CurrencyCodeOf(document, entity)) {
    return false;
  }
  if (rule.amount_from && AskedTotal(document) < *rule.amount_from) return false;
  return !rule.amount_to || AskedTotal(document) <= *rule.amount_to;
}

int HowFar(model::Posting posting) {
  switch (posting) {
    case model::Posting::kDraft: return 0;
    case model::Posting::kHold: return 1;
    case model::Posting::kPost: return 2;
  }
  return 0;
}

}  // namespace

model::Posting PolicyFor(const ConfigSnapshot& config, const Entity& entity,
                         const std::string& source, const model::Document& document) {
  // Master data is not booked; there is nothing to post or hold.
  if (document.type() == model::DocumentType::kPartner) return model::Posting::kPost;
  for (const auto* rules : {&entity.posting_rules, &config.server_rules}) {
    for (const PostingRule& rule : *rules) {
      if (Matches(rule, entity, source, document)) return rule.posting;
    }
  }
  return document.type() == model::DocumentType::kJournalEntry ? model::Posting::kHold
                                                               : model::Posting::kPost;
}

bool MayAsk(model::Posting asked, model::Posting policy) { return HowFar(asked) <= HowFar(policy); }

}  // namespace kontor::engine
