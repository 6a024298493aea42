// SPDX-License-Identifier: Apache-2.0
// Words become fields of a request; what does not fit is said, and never guessed.
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <algorithm>

#include "kontor/v1/connection.pb.h"
#include "kontor/v1/exception.pb.h"
#include "kontor/v1/invoice.pb.h"
#include "kontor/v1/operation.pb.h"
#include "kontor/v1/payment.pb.h"
#include "kontor/v1/webhook.pb.h"
#include "sdk/cli/fields.h"
#include "tests/unit/cli/support.h"

namespace kontor::cli_test {
namespace {

using cli::SetField;

void Set(const std::string& flag, const std::string& value, google::protobuf::Message* message) {
  const absl::Status status = SetField(flag, value, message);
  BOOST_TEST(status.ok(), flag << ": " << status.message());
}

BOOST_AUTO_TEST_SUITE(fields)

BOOST_AUTO_TEST_CASE(flags_set_fields_of_every_kind) {
  v1::CreatePaymentRequest payment;
  Set("payment.entity", "de", &payment);
  Set("payment.direction", "OUTBOUND", &payment);
  Set("payment.partner-type", "PARTNER_TYPE_SUPPLIER", &payment);
  Set("payment.amount", "345.58 EUR", &payment);
  Set("payment.partner.odoo-id", "17", &payment);
  Set("payment.allocations", R"({"invoiceId": "inv_1"})", &payment);
  Set("payment.allocations", R"({"odooMoveId": "4"})", &payment);
  Set("validate-only", "true", &payment);
  Set("wait", "1m30s", &payment);
  Set("depends-on", "opn_1", &payment);
  Set("depends-on", "opn_2", &payment);
  BOOST_TEST(payment.payment().direction() == v1::Payment::DIRECTION_OUTBOUND);
  BOOST_TEST(payment.payment().partner_type() == v1::Payment::PARTNER_TYPE_SUPPLIER);
  BOOST_TEST(payment.payment().amount().value() == "345.58");
  BOOST_TEST(payment.payment().amount().currency_code() == "EUR");
  BOOST_TEST(payment.payment().partner().odoo_id() == 17);
  BOOST_TEST(payment.payment().allocations_size() == 2);
  BOOST_TEST(payment.validate_only());
  BOOST_TEST(payment.wait().seconds() == 90);
  BOOST_TEST(payment.depends_on_size() == 2);

  v1::UpdateEndpointRequest endpoint;
  Set("update-mask", "url,maxInFlight", &endpoint);
  Set("endpoint.max-in-flight", "4", &endpoint);
  Set("endpoint.headers", R"({"key": "X-Team", "value": "finance"})", &endpoint);
  BOOST_TEST(endpoint.update_mask().paths_size() == 2);
  BOOST_TEST(endpoint.update_mask().paths(1) == "max_in_flight");
  BOOST_TEST(endpoint.endpoint().headers().at("X-Team") == "finance");

  v1::ListOperationsRequest operations;
  Set("states", "HELD", &operations);
  Set("states", "STATE_EXCEPTION", &operations);
  BOOST_TEST(operations.states_size() == 2);
}

struct Wrong {
  const char* flag;
  const char* value;
  const char* says;
};
std::ostream& operator<<(std::ostream& out, const Wrong& wrong) {
  return out << wrong.flag << "=" << wrong.value;
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_in_words) {
  for (const Wrong& wrong : std::initializer_list<Wrong>{
           {"no-such", "1", "no such flag: --no-such"},
           {"payment.no-such", "1", "no such flag: --payment.no-such"},
           {"payment.entity.deeper", "1", "no such flag"},
           {"payment.allocations.invoice-id", "1", "no such flag"},
           {"", "1", "no such flag"},
           {"payment.direction", "SIDEWAYS", "one of INBOUND|OUTBOUND"},
           {"payment.direction", "outbound", "one of"},
           {"payment.amount", "345.58", "345.58 EUR"},
           {"payment.amount", R"({"value": })", "--payment.amount"},
           {"payment.partner.odoo-id", "seventeen", "a whole number"},
           {"payment.partner.odoo-id", "17.5", "a whole number"},
           {"payment.partner.odoo-id", "99999999999999999999", "a whole number"},
           {"validate-only", "yes", "true or false"},
           {"wait", "90", "a duration"},
           {"payment.allocations", "inv_1", "--payment.allocations"},
           {"payment.allocations", R"({"invoice": "inv_1"})", "--payment.allocations"},
           {"payment.allocations", "@/no/such/file", "cannot read /no/such/file"}}) {
    v1::CreatePaymentRequest request;
    const absl::Status status = SetField(wrong.flag, wrong.value, &request);
    BOOST_TEST(absl::IsInvalidArgument(status), wrong);
    BOOST_TEST(Contains(std::string(status.message()), wrong.says),
               wrong << ": " << status.message());
  }
}

BOOST_AUTO_TEST_CASE(a_secret_comes_from_a_file_without_its_line_feed) {
  const Folder folder;
  v1::CreateConnectionRequest request;
  Set("connection.api-key", "@" + folder.Write("key", "s3cret\r\n"), &request);
  BOOST_TEST(request.connection().api_key() == "s3cret");
  // Any other text may begin with an at sign.
  Set("connection.login", "@bot", &request);
  BOOST_TEST(request.connection().login() == "@bot");
}

BOOST_AUTO_TEST_CASE(a_secret_is_written_for_its_owner_only_and_over_nothing) {
  const Folder folder;
  const std::string path = folder / "token";
  BOOST_TEST(cli::WriteNewSecret(path, "abc\n").ok());
  struct stat facts {};
  BOOST_REQUIRE(stat(path.c_str(), &facts) == 0);
  BOOST_TEST((facts.st_mode & 0777U) == 0600U);
  BOOST_TEST(absl::IsAlreadyExists(cli::WriteNewSecret(path, "other\n")));
  BOOST_TEST(absl::IsPermissionDenied(cli::WriteNewSecret("/no/such/folder/token", "x\n")));
  std::string text;
  BOOST_TEST(cli::ReadWhole(path, &text).ok());
  BOOST_TEST(text == "abc\n");
}

BOOST_AUTO_TEST_CASE(flags_are_offered_for_nested_messages) {
  std::vector<std::string> names;
  for (const auto& flag : cli::FlagFieldsOf(*v1::ResolveExceptionRequest::descriptor())) {
    names.push_back(flag.flag);
  }
  for (const char* wanted : {"id", "action", "reason", "invoice.accounting-date",
                             "invoice.partner.reference", "update-mask"}) {
    BOOST_TEST((std::find(names.begin(), names.end(), wanted) != names.end()), wanted);
  }
}

BOOST_AUTO_TEST_CASE(short_names_of_values_leave_the_type_out) {
  const auto* state = v1::Operation::State_descriptor()->FindValueByName("STATE_POSTED");
  BOOST_TEST(cli::ShortName(*state) == "POSTED");
  const auto* kind = v1::Invoice::Kind_descriptor()->FindValueByName("KIND_VENDOR_BILL");
  BOOST_TEST(cli::ShortName(*kind) == "VENDOR_BILL");
  BOOST_TEST(cli::ToKebab("payment_reference") == "payment-reference");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
