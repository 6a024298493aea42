// SPDX-License-Identifier: Apache-2.0
// Good documents and a good catalogue, which each test spoils in one place.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/model/catalogue.h"
#include "server/model/document.h"
#include "server/model/finding.h"

namespace kontor::model::testing {

Decimal Dec(std::string_view text);
Date Day(std::string_view text);
Money Eur(std::string_view value);
Currency Cur(std::string_view code);

Document Wrap(Content content);
/// Two lines, EUR 345.58 in all, tax "19%".
Invoice GoodInvoice();
Invoice GoodBill();
Payment GoodPayment();
JournalEntry GoodEntry();
Partner GoodPartner();

/// A German company on 18.0 in EUR: journals INV, BILL, BNK1, CSH1, MISC; USD with fresh rates, CHF
/// inactive, GBP active without a rate; books closed up to 2026-06-30.
Catalogue GoodCatalogue();
References GoodReferences();

/// "REASON@field" of each finding, in order: what tests compare.
std::vector<std::string> Codes(const std::vector<Finding>& findings);
/// The same as one text, with " " between: readable in a failure.
std::string CodesText(const std::vector<Finding>& findings);

}  // namespace kontor::model::testing
