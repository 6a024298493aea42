// SPDX-License-Identifier: Apache-2.0
// The three wires against answers as real servers give them, byte for byte where it matters.
#include "adapters/odoo/transport.h"

#include <boost/test/unit_test.hpp>

#include "adapters/odoo/classify.h"
#include "server/base/status.h"

namespace kontor::odoo {
namespace {

using base::Outcome;

/// Answers every request alike and remembers the last one.
class CannedHttp final : public ports::HttpClient {
 public:
  void Send(ports::HttpRequest request, std::function<void(ports::HttpResponse)> done) override {
    done(SendAndWait(std::move(request)));
  }
  ports::HttpResponse SendAndWait(ports::HttpRequest request) override {
    last = std::move(request);
    ++count;
    ports::HttpResponse response;
    response.http_status = http_status;
    response.body = body;
    return response;
  }
  int http_status = 200;
  std::string body;
  ports::HttpRequest last;
  int count = 0;
};

struct Bench {
  Bench() : clock(absl::FromUnixSeconds(1'800'000'000)) {
    wire.settings.url = "http://odoo.example/prefix/";
    wire.settings.database = "db";
    wire.settings.login = "bot";
    wire.settings.api_key = "key";
    wire.http = &http;
    wire.clock = &clock;
    call.model = "account.move";
    call.method = "action_post";
    call.ids = {7};
  }
  ports::Deadline Soon() const { return clock.Now() + absl::Seconds(60); }

  base::FakeClock clock;
  CannedHttp http;
  Wire wire;
  RpcCall call;
};

std::string Fault(int code, const std::string& text) {
  return "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n"
         "<name>faultCode</name>\n<value><int>" +
         std::to_string(code) +
         "</int></value>\n</member>\n<member>\n<name>faultString</name>\n<value><string>" + text +
         "</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n";
}

std::string Answer(const std::string& value) {
  return "<?xml version='1.0'?><methodResponse><params><param><value>" + value +
         "</value></param></params></methodResponse>";
}

BOOST_AUTO_TEST_CASE(json_rpc_without_a_result_is_a_method_that_returns_nothing) {
  Bench bench;
  bench.http.body = R"({"jsonrpc": "2.0", "id": 1})";
  const auto answer = MakeJsonRpcTransport(bench.wire)->Call(bench.call, bench.Soon());
  BOOST_REQUIRE(answer.ok());
  BOOST_TEST(answer->is_null());
  BOOST_TEST(bench.http.last.url == "http://odoo.example/prefix/jsonrpc");
}

BOOST_AUTO_TEST_CASE(json_rpc_errors_are_known_by_class_whatever_their_code) {
  Bench bench;
  for (const char* const code : {"0", "200"}) {
    bench.http.body = std::string(R"({"jsonrpc": "2.0", "id": 1, "error": {"code": )") + code +
                      R"(, "message": "Odoo Server Error", "data": {"name":
                      "odoo.exceptions.UserError", "message": "Nicht ausgeglichen.",
                      "debug": "Traceback /opt/secret"}}})";
    const auto answer = MakeJsonRpcTransport(bench.wire)->Call(bench.call, bench.Soon());
    BOOST_TEST((base::OutcomeOf(answer.status()) == Outcome::kRefused));
    BOOST_TEST(answer.status().ToString().find("Nicht ausgeglichen") != std::string::npos);
    BOOST_TEST(answer.status().ToString().find("secret") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(answers_that_are_not_odoos_are_unknown_over_every_wire) {
  Bench bench;
  for (const char* const body : {"", "<!DOCTYPE html><title>502</title>", "[]", "{}", "OK",
                                 "{\"jsonrpc\": ", "<methodResponse>"}) {
    bench.http.body = body;
    for (const auto& transport :
         {MakeJsonRpcTransport(bench.wire), MakeXmlRpcTransport(bench.wire)}) {
      const auto answer = transport->Call(bench.call, bench.Soon());
      BOOST_REQUIRE(!answer.ok());
      BOOST_TEST((base::OutcomeOf(answer.status()) == Outcome::kUnknown), body);
    }
  }
  bench.http.body = "<html>";
  BOOST_TEST((base::OutcomeOf(MakeJson2Transport(bench.wire)->Call(bench.call, bench.Soon())
                                  .status()) == Outcome::kUnknown));
}

BOOST_AUTO_TEST_CASE(xml_rpc_cannot_marshal_none_is_unknown_and_marked) {
  Bench bench;
  bench.http.body =
      Fault(1, "Traceback (most recent call last):\n  File \"x\"\n    f(self)\n"
               "TypeError: cannot marshal None unless allow_none is enabled\n");
  const auto answer = MakeXmlRpcTransport(bench.wire)->Call(bench.call, bench.Soon());
  BOOST_TEST(IsNoneAnswer(answer.status()));
  BOOST_TEST((base::OutcomeOf(answer.status()) == Outcome::kUnknown));
}

BOOST_AUTO_TEST_CASE(xml_rpc_faults_are_known_by_code) {
  Bench bench;
  const auto status_of = [&bench](int code) {
    bench.http.body = Fault(code, "words");
    return MakeXmlRpcTransport(bench.wire)->Call(bench.call, bench.Soon()).status();
  };
  BOOST_TEST((base::OutcomeOf(status_of(1)) == Outcome::kUnknown));
  BOOST_TEST((base::OutcomeOf(status_of(2)) == Outcome::kRefused));
  BOOST_TEST(base::Is(status_of(3), base::Reason::kOdooLoginFailed));
  BOOST_TEST(base::Is(status_of(4), base::Reason::kOdooRightMissing));
}

BOOST_AUTO_TEST_CASE(xml_rpc_keeps_the_digits_of_doubles_and_the_texts) {
  Bench bench;
  bench.http.body = Answer(
      "<struct><member><name>amount</name><value><double>99999999.99</double></value></member>"
      "<member><name>id</name><value><int>7</int></value></member>"
      "<member><name>none</name><value><boolean>0</boolean></value></member>"
      "<member><name>name</name><value><string>Näve &amp; 😀\x07</string></value></member>"
      "</struct>");
  const auto answer = MakeXmlRpcTransport(bench.wire)->Call(bench.call, bench.Soon());
  BOOST_REQUIRE_MESSAGE(answer.ok(), answer.status().ToString());
  BOOST_TEST((*answer)["amount"] == "99999999.99");
  BOOST_TEST((*answer)["id"] == 7);
  BOOST_TEST((*answer)["none"] == false);
  BOOST_TEST((*answer)["name"] == "Näve & 😀");
}

BOOST_AUTO_TEST_CASE(xml_rpc_reads_answers_beyond_half_a_megabyte) {
  Bench bench;
  bench.http.body = Answer("<string>" + std::string(2'000'000, 'x') + "</string>");
  const auto answer = MakeXmlRpcTransport(bench.wire)->Call(bench.call, bench.Soon());
  BOOST_REQUIRE_MESSAGE(answer.ok(), answer.status().ToString());
  BOOST_TEST(answer->get<std::string>().size() == 2'000'000U);
}

BOOST_AUTO_TEST_CASE(what_xml_rpc_cannot_carry_is_not_sent) {
  Bench bench;
  bench.call.params = {{"big", 5'000'000'000}};
  const auto big = MakeXmlRpcTransport(bench.wire)->Call(bench.call, bench.Soon());
  BOOST_TEST((base::OutcomeOf(big.status()) == Outcome::kNotApplied));
  bench.call.params = {{"none", nullptr}};
  const auto none = MakeXmlRpcTransport(bench.wire)->Call(bench.call, bench.Soon());
  BOOST_TEST((base::OutcomeOf(none.status()) == Outcome::kNotApplied));
  BOOST_TEST(bench.http.count == 0);
}

BOOST_AUTO_TEST_CASE(xml_rpc_sends_emoji_and_no_control_characters) {
  Bench bench;
  bench.http.body = Answer("<boolean>1</boolean>");
  bench.call.params = {{"text", "a\x07😀<b>"}};
  BOOST_REQUIRE(MakeXmlRpcTransport(bench.wire)->Call(bench.call, bench.Soon()).ok());
  BOOST_TEST(bench.http.last.body.find("a😀&lt;b&gt;") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(json_2_takes_arguments_by_name_and_the_key_as_bearer) {
  Bench bench;
  bench.http.body = "false";
  bench.call.context = {{"lang", "de_DE"}};
  const auto answer = MakeJson2Transport(bench.wire)->Call(bench.call, bench.Soon());
  BOOST_REQUIRE(answer.ok());
  BOOST_TEST(bench.http.last.url == "http://odoo.example/prefix/json/2/account.move/action_post");
  BOOST_TEST(bench.http.last.body == R"({"context":{"lang":"de_DE"},"ids":[7]})");
  bool bearer = false;
  for (const auto& [name, value] : bench.http.last.headers) {
    bearer |= name == "Authorization" && value == "bearer key";
  }
  BOOST_TEST(bearer);
}

BOOST_AUTO_TEST_CASE(json_2_refusals_are_known_by_status_and_class) {
  struct Case {
    int http_status;
    const char* name;
    const char* reason;
    Outcome outcome;
  };
  for (const Case& c :
       {Case{401, "werkzeug.exceptions.Unauthorized", "ODOO_LOGIN_FAILED", Outcome::kNotApplied},
        Case{403, "odoo.exceptions.AccessError", "ODOO_RIGHT_MISSING", Outcome::kRefused},
        Case{404, "werkzeug.exceptions.NotFound", "ODOO_REFUSED", Outcome::kRefused},
        Case{409, "psycopg2.errors.Whatever", "ODOO_BUSY", Outcome::kNotApplied},
        Case{422, "odoo.exceptions.UserError", "ODOO_REFUSED", Outcome::kRefused},
        Case{500, "builtins.ValueError", "ODOO_FAILED", Outcome::kUnknown},
        Case{500, "psycopg2.errors.SerializationFailure", "ODOO_BUSY", Outcome::kNotApplied}}) {
    Bench bench;
    bench.http.http_status = c.http_status;
    bench.http.body = Json{{"name", c.name}, {"message", "words"}}.dump();
    const auto answer = MakeJson2Transport(bench.wire)->Call(bench.call, bench.Soon());
    BOOST_TEST(base::InfoOf(answer.status()).reason == c.reason);
    BOOST_TEST((base::OutcomeOf(answer.status()) == c.outcome), c.name);
  }
}

BOOST_AUTO_TEST_CASE(a_deadline_in_the_past_sends_nothing) {
  Bench bench;
  for (const auto& transport : {MakeJsonRpcTransport(bench.wire), MakeXmlRpcTransport(bench.wire),
                                MakeJson2Transport(bench.wire)}) {
    const auto answer = transport->Call(bench.call, bench.clock.Now());
    BOOST_TEST((base::OutcomeOf(answer.status()) == Outcome::kNotApplied));
  }
  BOOST_TEST(bench.http.count == 0);
}

BOOST_AUTO_TEST_CASE(time_outs_are_the_shorter_of_deadline_and_setting) {
  Bench bench;
  bench.http.body = R"({"jsonrpc": "2.0", "result": 1})";
  const auto transport = MakeJsonRpcTransport(bench.wire);
  BOOST_REQUIRE(transport->Call(bench.call, bench.clock.Now() + absl::Seconds(5)).ok());
  BOOST_TEST(absl::ToInt64Seconds(bench.http.last.total_timeout) == 5);
  BOOST_TEST(absl::ToInt64Seconds(bench.http.last.connect_timeout) == 5);
  BOOST_REQUIRE(transport->Call(bench.call, bench.clock.Now() + absl::Hours(1)).ok());
  BOOST_TEST(absl::ToInt64Seconds(bench.http.last.total_timeout) == 90);
}

BOOST_AUTO_TEST_CASE(a_refused_login_is_told_from_a_failure) {
  Bench bench;
  bench.http.body = R"({"jsonrpc": "2.0", "id": 1, "result": false})";
  BOOST_TEST(base::Is(MakeJsonRpcTransport(bench.wire)->LogIn(bench.Soon()),
                      base::Reason::kOdooLoginFailed));
  bench.http.body = Answer("<boolean>0</boolean>");
  BOOST_TEST(base::Is(MakeXmlRpcTransport(bench.wire)->LogIn(bench.Soon()),
                      base::Reason::kOdooLoginFailed));
  bench.http.body = "<html>";
  const absl::Status status = MakeXmlRpcTransport(bench.wire)->LogIn(bench.Soon());
  BOOST_TEST(base::Is(status, base::Reason::kOdooAnswerUnreadable));
  BOOST_TEST((base::OutcomeOf(status) == Outcome::kNotApplied));
}

BOOST_AUTO_TEST_CASE(settings_that_cannot_work_are_refused) {
  OdooSettings good;
  good.url = "https://odoo.example";
  good.database = "db";
  good.login = "bot";
  good.api_key = "key";
  BOOST_TEST(CheckSettings(good).ok());
  const auto field_of = [&good](auto change) {
    OdooSettings bad = good;
    change(bad);
    return base::InfoOf(CheckSettings(bad)).field;
  };
  BOOST_TEST(field_of([](OdooSettings& s) { s.url = ""; }) == "url");
  BOOST_TEST(field_of([](OdooSettings& s) { s.url = "ftp://x"; }) == "url");
  BOOST_TEST(field_of([](OdooSettings& s) { s.database = ""; }) == "database");
  BOOST_TEST(field_of([](OdooSettings& s) { s.login = ""; }) == "login");
  BOOST_TEST(field_of([](OdooSettings& s) { s.api_key = ""; }) == "api_key");
  BOOST_TEST(field_of([](OdooSettings& s) { s.transport = "soap"; }) == "transport");
}

}  // namespace
}  // namespace kontor::odoo
