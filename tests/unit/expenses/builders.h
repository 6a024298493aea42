// SPDX-License-Identifier: Apache-2.0
// A good expense report and a source that takes it; tests spoil what they are about.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "server/model/expense.h"
#include "server/model/source.h"

namespace kontor::expenses::testing {

model::Money Euro(const std::string& value);
/// One ticket of 119.00 with 19.00 recoverable tax, paid by the employee.
model::ExpenseLine Ticket();
model::ExpenseReport Report(const std::string& external_id = "R-1");
model::Source GoodSource();
/// Accounts 400000, 600000, 700000; taxes 19%; EUR and USD at 1.0874.
model::Catalogue SmallCatalogue();

/// Reasons of the errors.
std::multiset<std::string> Reasons(const std::vector<model::Finding>& findings);
bool Has(const std::vector<model::Finding>& findings, const std::string& reason,
         const std::string& field);

}  // namespace kontor::expenses::testing
