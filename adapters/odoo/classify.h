// SPDX-License-Identifier: Apache-2.0
// The closed table of DESIGN 5.7: which failures are known not to have changed Odoo. By transport,
// code and exception class only: texts are translated and change between series.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/base/status.h"
#include "server/ports/http_client.h"

namespace kontor::odoo {

/// What Odoo said instead of a result.
struct ServerError {
  std::string exception_class;  ///< Such as odoo.exceptions.UserError; empty: not known.
  std::string message;          ///< For people; never decides anything.
};

/// ODOO_REFUSED, ODOO_RIGHT_MISSING, ODOO_LOGIN_FAILED, ODOO_BUSY with what is known, or
/// ODOO_FAILED (unknown). Metadata "exception" names the class.
absl::Status StatusOfServerError(const ServerError& error);

/// For an XML-RPC fault: codes 2, 3 and 4 are classes of their own; code 1 carries a traceback
/// whose last unindented line begins with the class.
ServerError ServerErrorOfFault(int code, std::string_view fault_text);

/// Whether a fault 1 says that the method returned nothing. Python's xmlrpc.client raises it after
/// the work was committed; its text is not translated.
bool IsNoneFault(std::string_view fault_text);
/// The status for it: ODOO_ANSWER_LOST, unknown, metadata "answer" = "none".
absl::Status NoneAnswerStatus();
bool IsNoneAnswer(const absl::Status& status);

/// For an HTTP exchange that gave no answer (`response.status`) or one that is not Odoo's.
absl::Status StatusOfHttp(const ports::HttpResponse& response);

/// Whether PostgreSQL's own words in a load() message mean "try again".
bool SaysTryAgain(std::string_view message);

/// The same failure with another outcome: a reading that failed changed nothing.
absl::Status WithOutcome(const absl::Status& status, base::Outcome outcome);
/// The same failure with one more detail.
absl::Status WithDetail(const absl::Status& status, std::string_view key, std::string_view value);

}  // namespace kontor::odoo
