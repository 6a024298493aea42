// SPDX-License-Identifier: Apache-2.0
// The evidence for a payment: found by any id, whole, of one moment however it is fetched, and of
// the same bytes each time.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>

#include "server/api/internal/evidence_pages.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

struct EvidenceHarness : OrderHarness {
  ports::Actor auditor = engine::testing::Person("prn_audit", {ports::Role::kAuditor});
  std::map<std::string, std::string> Evidence(const std::string& any_id) {
    const auto evidence = loop->GetEvidence(auditor, any_id);
    BOOST_REQUIRE_MESSAGE(evidence.ok(), evidence.status().ToString());
    std::map<std::string, std::string> out;
    for (const EvidenceFile& file : evidence->files) out[file.path] = file.content;
    BOOST_TEST(out.size() == evidence->files.size());
    BOOST_TEST(evidence->audit_head == *store->AuditHead());
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
  BOOST_TEST(base::Is(loop->GetEvidence(auditor, "INV/none").status(), Reason::kNotFound));
  BOOST_TEST(base::Is(loop->GetEvidence(auditor, "").status(), Reason::kFieldMissing));
  auditor.entities = {"bremen"};
  BOOST_TEST(base::Is(loop->GetEvidence(auditor, id).status(), Reason::kNotFound));
}

struct PagesHarness : EvidenceHarness {
  using Files = std::map<std::string, std::string>;
  PagesHarness() {
    limits.page_bytes = 700;
    order = CreateReady({AddBill("100.00")});
  }
  api::internal::EvidencePages& Pages() {
    if (!pages) {
      pages.emplace(
          [this](const ports::Actor& actor, const std::string& any_id) {
            ++gathered;
            return loop->GetEvidence(actor, any_id);
          },
          *key, clock, limits);
    }
    return *pages;
  }
  /// One more page into `into`; whether there are more.
  absl::StatusOr<bool> Fetch(Files& into, std::string& token) {
    KONTOR_ASSIGN_OR_RETURN(const auto page, Pages().Page(auditor, order, token));
    for (const auto& piece : page.pieces()) into[piece.path()] += piece.chunk();
    token = page.next_page_token();
    return !token.empty();
  }
  /// All of them; `between` runs after the first.
  absl::StatusOr<Files> FetchAll(const std::function<void()>& between) {
    Files files;
    std::string token;
    KONTOR_ASSIGN_OR_RETURN(bool more, Fetch(files, token));
    BOOST_TEST(more);
    between();
    while (more) {
      KONTOR_ASSIGN_OR_RETURN(more, Fetch(files, token));
    }
    return files;
  }
  /// The manifest names each file as it is, and is signed.
  void CheckWhole(Files files) {
    const std::string manifest = files.at("manifest.json");
    const auto signature = crypto::Base64Decode(files.at("manifest.sig"));
    BOOST_TEST(crypto::VerifyEd25519(key->public_key(), manifest, *signature).ok());
    files.erase("manifest.json");
    files.erase("manifest.sig");
    const Json told = Json::parse(manifest);
    BOOST_TEST(told["files"].size() == files.size());
    for (const Json& file : told["files"]) {
      BOOST_TEST(Sha(files[file["path"]]) == file["sha256"].get<std::string>());
    }
  }

  api::internal::EvidenceLimits limits;
  absl::StatusOr<crypto::Ed25519PrivateKey> key =
      crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's'));
  std::optional<api::internal::EvidencePages> pages;
  std::string order;
  int gathered = 0;
};

BOOST_FIXTURE_TEST_CASE(pages_are_of_the_moment_of_the_first_one_while_the_order_changes,
                        PagesHarness) {
  const auto before = Evidence(order);
  const std::string head = *store->AuditHead();
  const auto fetched = FetchAll([this] {
    ApproveAll(order);
    BOOST_REQUIRE(Release(order).ok());
    Settle();
  });
  BOOST_REQUIRE_MESSAGE(fetched.ok(), fetched.status().ToString());
  CheckWhole(*fetched);
  for (const auto& [path, content] : before) BOOST_TEST(fetched->at(path) == content);
  BOOST_TEST(fetched->size() == before.size() + 3);
  BOOST_TEST(Json::parse(fetched->at("manifest.json"))["audit_head"] == head);
  BOOST_TEST(gathered == 1);
  BOOST_TEST((Evidence(order) != before));
}

/// What takes away the export that was kept.
struct Loss {
  const char* name;
  void (*lose)(PagesHarness& harness);
};
std::ostream& operator<<(std::ostream& out, const Loss& c) { return out << c.name; }
const Loss kLosses[] = {
    {"the time that it is kept for", [](auto& h) { h.clock.Advance(absl::Minutes(6)); }},
    {"another process", [](auto& h) { h.pages.reset(); }},
    {"newer exports",
     [](auto& h) {
       for (size_t i = 0; i < h.limits.kept_max; ++i) {
         std::string token;
         PagesHarness::Files files;
         h.auditor.principal_id = "prn_" + std::to_string(i);
         BOOST_REQUIRE(h.Fetch(files, token).ok());
       }
       h.auditor.principal_id = "prn_audit";
     }},
};
BOOST_DATA_TEST_CASE_F(PagesHarness, an_export_that_is_lost_goes_on_only_when_nothing_changed,
                       bdata::make(kLosses), c) {
  const auto fetched = FetchAll([&] { c.lose(*this); });
  BOOST_REQUIRE_MESSAGE(fetched.ok(), fetched.status().ToString());
  CheckWhole(*fetched);
  BOOST_TEST(gathered > 1);
  const auto broken = FetchAll([&] {
    c.lose(*this);
    ApproveAll(order);
  });
  BOOST_TEST(base::Is(broken.status(), Reason::kVersionConflict), broken.status().ToString());
  // Begun again it is whole.
  const auto again = FetchAll([] {});
  BOOST_REQUIRE(again.ok());
  CheckWhole(*again);
}

BOOST_FIXTURE_TEST_CASE(exports_that_are_too_large_together_are_not_kept, PagesHarness) {
  limits.kept_bytes_max = 1;
  BOOST_TEST(FetchAll([] {}).ok());
  BOOST_TEST(gathered > 2);
  const auto broken = FetchAll([this] { ApproveAll(order); });
  BOOST_TEST(base::Is(broken.status(), Reason::kVersionConflict));
}

BOOST_FIXTURE_TEST_CASE(what_is_kept_is_shown_to_nobody_who_may_not_see_it_now, PagesHarness) {
  const auto lost = FetchAll([this] { auditor.entities = {"bremen"}; });
  BOOST_TEST(base::Is(lost.status(), Reason::kNotFound));
  auditor.entities.clear();
  std::string token;
  Files files;
  BOOST_REQUIRE(Fetch(files, token).ok());
  auditor.principal_id = "prn_else";
  auditor.entities = {"bremen"};
  BOOST_TEST(base::Is(Fetch(files, token).status(), Reason::kNotFound));
}

const char* const kBadTokens[] = {"x",   "1.2",    "1.2.",     "-1.0.%", "0.-1.%",
                                  "a.b.%", "9999.0.%", "0.999999.%", "1.2.3.%"};
BOOST_DATA_TEST_CASE_F(PagesHarness, a_token_that_is_not_ours_is_refused, bdata::make(kBadTokens),
                       c) {
  std::string token;
  Files files;
  BOOST_REQUIRE(Fetch(files, token).ok());
  std::string bad = c;
  const size_t digest = bad.find('%');
  if (digest != std::string::npos) bad.replace(digest, 1, token.substr(token.rfind('.') + 1));
  BOOST_TEST(base::Is(Fetch(files, bad).status(), Reason::kPageTokenInvalid));
  BOOST_TEST(Fetch(files, token).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
