// SPDX-License-Identifier: Apache-2.0
// The evidence for a payment: found by any id, whole, and of the same bytes each time.
#include <boost/test/unit_test.hpp>

#include <map>

#include "server/crypto/digest.h"
#include "tests/unit/payment_orders/harness.h"

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

struct EvidenceHarness : OrderHarness {
  ports::Actor auditor = engine::testing::Person("prn_audit", {ports::Role::kAuditor});
  std::map<std::string, std::string> Evidence(const std::string& any_id) {
    const auto files = loop->Evidence(auditor, any_id);
    BOOST_REQUIRE_MESSAGE(files.ok(), files.status().ToString());
    std::map<std::string, std::string> out;
    for (const EvidenceFile& file : *files) out[file.path] = file.content;
    BOOST_TEST(out.size() == files->size());
    return out;
  }
  std::string Sha(const std::string& text) { return crypto::Sha256(text).Hex(); }
};

BOOST_FIXTURE_TEST_SUITE(evidence, EvidenceHarness)

BOOST_AUTO_TEST_CASE(a_settled_order_proves_itself) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  BOOST_REQUIRE(TakeStatus(id, "ACCP", {}).ok());
  Settle();
  const Json order = Order(id);
  auto files = Evidence(id);
  const std::string of_order = "orders/" + id + "/";
  BOOST_TEST(Sha(files.at(of_order + "content.txt")) == order["digest"].get<std::string>());
  int bank_files = 0;
  int statuses = 0;
  for (const auto& [path, content] : files) {
    if (path.starts_with(of_order + "file/")) {
      ++bank_files;
      BOOST_TEST(Sha(content) == order["file_sha256"].get<std::string>());
    }
    if (path.starts_with(of_order + "statuses/")) ++statuses;
  }
  BOOST_TEST(bank_files == 1);
  BOOST_TEST(statuses == 1);
  const Json policy = Json::parse(files.at("policies/approval-v1.json"));
  BOOST_TEST(Sha(policy["content"]) == policy["digest"].get<std::string>());
  const std::string& audit = files.at("audit.jsonl");
  for (const char* part : {"payment_order.approve", "payment_order.release", "beneficiary.confirm",
                           "payment_policy.activate", "prn_axel", "prn_anke", "prn_rolf"}) {
    BOOST_TEST(audit.find(part) != std::string::npos, part);
  }
  for (const char* part : {"payment_order.created", "payment_order.released",
                           "payment_order.submitted", "beneficiary.confirmed"}) {
    BOOST_TEST(files.at("events.jsonl").find(part) != std::string::npos, part);
  }
  const Json odoo = Json::parse(files.at(of_order + "odoo.json"));
  BOOST_TEST(odoo[0]["odoo"]["model"] == "account.payment");
  BOOST_TEST(odoo[0]["bills"][0]["model"] == "account.move");
  // The same bytes each time, as long as nothing happens.
  BOOST_TEST((Evidence(id) == files));
}

BOOST_AUTO_TEST_CASE(any_id_leads_to_the_same_evidence) {
  const std::string id = CreateReleased({AddBill("100.00")});
  const auto files = Evidence(id);
  BOOST_TEST((Evidence(EndToEndId(id, 0)) == files));
  BOOST_TEST((Evidence(Order(id)["message_id"]) == files));
  BOOST_TEST((Evidence(Payment(id, 0)["bills"][0]["name"]) == files));
}

BOOST_AUTO_TEST_CASE(evidence_of_what_nobody_knows_or_may_see_is_not_found) {
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(base::Is(loop->Evidence(auditor, "INV/none").status(), Reason::kNotFound));
  BOOST_TEST(base::Is(loop->Evidence(auditor, "").status(), Reason::kFieldMissing));
  auditor.entities = {"bremen"};
  BOOST_TEST(base::Is(loop->Evidence(auditor, id).status(), Reason::kNotFound));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
