// SPDX-License-Identifier: Apache-2.0
// Bodies: the same bytes each time, masked unless granted, and as the published schemas say.
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include "server/webhooks/payload.h"
#include "server/webhooks/schemas.h"

namespace kontor::webhooks {
namespace {

using nlohmann::json;

model::Event Event() {
  model::Event event;
  event.id = "evt_01";
  event.sequence = 12;
  event.type = "invoice.posted";
  event.time = absl::FromUnixMicros(1772366400123456);
  event.entity = "hamburg";
  event.subject = "inv_01";
  event.subject_sequence = 3;
  event.correlation_id = "cor_01";
  event.data = R"({"entity":"hamburg","id":"inv_01","booked":{"total":"345.58",)"
               R"("partner_name":"Example GmbH"},"document":{"partner_bank_account":)"
               R"("DE89370400440532013000"}})";
  return event;
}

BOOST_AUTO_TEST_CASE(an_event_is_one_line_with_the_members_of_the_standard_first) {
  BOOST_TEST(EventPayload(Event(), true) ==
             R"({"type":"invoice.posted","timestamp":"2026-03-01T12:00:00.123456Z",)"
             R"("data":{"booked":{"partner_name":"Example GmbH","total":"345.58"},)"
             R"("document":{"partner_bank_account":"DE89370400440532013000"},)"
             R"("entity":"hamburg","id":"inv_01"},"id":"evt_01","sequence":12,"entity":"hamburg",)"
             R"("subject":"inv_01","subject_sequence":3,"correlation_id":"cor_01",)"
             R"("schema_version":1})");
}

BOOST_AUTO_TEST_CASE(names_and_accounts_are_masked_unless_granted) {
  const std::string masked = EventPayload(Event(), false);
  BOOST_TEST(masked.find("Example GmbH") == std::string::npos);
  BOOST_TEST(masked.find("DE8937040044053201") == std::string::npos);
  BOOST_TEST(masked.find("3000") != std::string::npos);
  BOOST_TEST(masked.find("345.58") != std::string::npos);
  BOOST_TEST(EventPayload(Event(), false) == masked);
}

BOOST_AUTO_TEST_CASE(data_that_is_no_object_is_sent_as_an_empty_one) {
  for (const char* text : {"", "null", "[]", "\"text\"", "{", "\xff"}) {
    for (const bool unmasked : {true, false}) {
      model::Event event = Event();
      event.data = text;
      BOOST_TEST(json::parse(EventPayload(event, unmasked))["data"] == json::object());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_challenge_is_answered_by_its_own_text_only) {
  const json sent = json::parse(ChallengePayload("abc123", absl::UnixEpoch()));
  BOOST_TEST(sent["type"] == "endpoint.challenge");
  BOOST_TEST(sent["challenge"] == "abc123");
  BOOST_TEST(AnswersChallenge(R"({"challenge":"abc123"})", "abc123"));
  BOOST_TEST(AnswersChallenge(R"( {"challenge": "abc123", "more": 1} )", "abc123"));
  for (const char* body : {"", "abc123", "\"abc123\"", "{}", R"({"challenge":"abc12"})",
                           R"({"challenge":"abc1234"})", R"({"challenge":null})",
                           R"({"challenge":["abc123"]})", R"([{"challenge":"abc123"}])",
                           R"({"Challenge":"abc123"})", R"({"challenge":"abc123")"}) {
    BOOST_TEST(!AnswersChallenge(body, "abc123"), body);
  }
}

BOOST_AUTO_TEST_CASE(every_event_type_has_a_schema_and_every_schema_an_event_type) {
  // The canonical expense report has a schema too: it is what callers hand over.
  std::set<std::string> wanted = {"/schemas/index.json", "/schemas/expense_report.v1.json"};
  for (const std::string& type : model::EventTypes()) wanted.insert(SchemaPath(type));
  std::set<std::string> got;
  for (const auto& [path, text] : PublishedSchemas()) got.insert(path);
  BOOST_TEST(got == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_schema_names_its_type_and_what_every_payload_has) {
  for (const std::string& type : model::EventTypes()) {
    const json schema = json::parse(PublishedSchemas().at(SchemaPath(type)));
    BOOST_TEST(schema["$id"] == SchemaPath(type));
    BOOST_TEST(schema["properties"]["type"]["const"] == type);
    BOOST_TEST(!schema["description"].get<std::string>().empty());
    model::Event event = Event();
    event.type = type;
    const json payload = json::parse(EventPayload(event, false));
    for (const json& member : schema["required"]) {
      BOOST_TEST(payload.contains(member.get<std::string>()), type << " lacks " << member);
    }
    for (const auto& [member, value] : payload.items()) {
      BOOST_TEST(schema["properties"].contains(member), type << " does not know " << member);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_index_lists_all_schemas) {
  const json index = json::parse(PublishedSchemas().at("/schemas/index.json"));
  BOOST_TEST(index["schemas"].size() == model::EventTypes().size() + 1);
  for (const json& path : index["schemas"]) {
    BOOST_TEST(PublishedSchemas().contains(path.get<std::string>()));
  }
}

}  // namespace
}  // namespace kontor::webhooks
