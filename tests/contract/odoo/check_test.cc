// SPDX-License-Identifier: Apache-2.0
// Who answers, what may be done, what the master data are; wrong logins and wrong servers.
#include <algorithm>

#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

using base::Outcome;
using base::Reason;

ODOO_TEST(the_server_says_who_it_is) {
  Rig rig(target_name);
  const auto identity = rig.erp().Identify(rig.Soon());
  REQUIRE_OK(identity);
  BOOST_TEST(identity->series == rig.target().series);
  BOOST_TEST(identity->transport == rig.target().transport);
}

ODOO_TEST(a_transport_is_chosen_when_none_is_forced) {
  Rig rig(target_name);
  OdooSettings settings = rig.Settings();
  settings.transport = "";
  const auto identity = rig.Connect(settings)->Identify(rig.Soon());
  REQUIRE_OK(identity);
  BOOST_TEST(identity->transport == (rig.target().series == "19.0" ? "json2" : "jsonrpc"));
}

ODOO_TEST(a_database_is_bound_once) {
  Rig rig(target_name);
  const auto first = rig.erp().BindDatabase("mark-of-the-first", rig.Soon());
  REQUIRE_OK(first);
  BOOST_TEST(!first->empty());
  const auto second = rig.erp().BindDatabase("mark-of-another", rig.Soon());
  REQUIRE_OK(second);
  BOOST_TEST(*second == *first);
  const auto identity = rig.erp().Identify(rig.Soon());
  REQUIRE_OK(identity);
  BOOST_TEST(identity->database_mark == *first);
}

ODOO_TEST(a_bot_with_just_the_rights_it_needs_gets_no_findings) {
  Rig rig(target_name);
  const auto report = rig.erp().Check(rig.company_id(), rig.Soon());
  REQUIRE_OK(report);
  for (const auto& right : report->missing_rights) BOOST_TEST(right == "", "missing: " << right);
  for (const auto& right : report->excess_rights) BOOST_TEST(right == "", "excess: " << right);
}

ODOO_TEST(rights_that_lack_and_rights_too_many_are_named) {
  Rig rig(target_name);
  OdooSettings settings = rig.Settings();
  if (!rig.target().limited_api_key.empty()) {
    settings.login = rig.target().limited_login;
    settings.api_key = rig.target().limited_api_key;
    const auto report = rig.Connect(settings)->Check(0, rig.Soon());
    REQUIRE_OK(report);
    BOOST_TEST((std::ranges::find(report->missing_rights, "account.move:create") !=
                report->missing_rights.end()));
    const Draft draft = rig.Invoice();
    const std::vector<ports::DraftRequest> requests{
        {draft.external_id, &draft.document, &draft.references}};
    const auto refused = rig.Connect(settings)->CreateDrafts(rig.company_id(), rig.catalogue(),
                                                             requests, rig.Soon());
    BOOST_TEST(base::Is(refused.status(), Reason::kOdooRightMissing), refused.status().ToString());
    BOOST_TEST((base::OutcomeOf(refused.status()) == Outcome::kRefused));
  }
  if (rig.target().transport != "json2") {
    settings.login = rig.target().admin_login;
    settings.api_key = rig.target().admin_password;
    const auto report = rig.Connect(settings)->Check(0, rig.Soon());
    REQUIRE_OK(report);
    BOOST_TEST((std::ranges::find(report->excess_rights, "base.group_system") !=
                report->excess_rights.end()));
  }
}

ODOO_TEST(the_catalogue_has_what_the_checks_need) {
  Rig rig(target_name);
  const model::Catalogue& catalogue = rig.catalogue();
  BOOST_TEST(catalogue.series == rig.target().series);
  BOOST_TEST(catalogue.company_currency_code == "EUR");
  BOOST_TEST(catalogue.FindJournal("INV") != nullptr);
  BOOST_REQUIRE(catalogue.FindAccount("400000") != nullptr);
  BOOST_TEST(!catalogue.FindAccount("400000")->deprecated);
  BOOST_REQUIRE(catalogue.FindAccount("690000") != nullptr);
  BOOST_TEST(catalogue.FindAccount("690000")->deprecated);
  BOOST_REQUIRE(catalogue.FindTax("19%", true) != nullptr);
  BOOST_TEST(catalogue.FindTax("19%", true)->amount.ToString() == "19");
  BOOST_TEST(catalogue.FindTax("19% incl.", false)->price_include);
  BOOST_TEST(catalogue.FindPaymentTerm("30 Days") != nullptr);
  BOOST_TEST(catalogue.FindAnalytic("CC100") != nullptr);
  BOOST_REQUIRE(catalogue.FindCurrency("USD") != nullptr);
  BOOST_TEST(catalogue.FindCurrency("USD")->active);
  BOOST_TEST(!catalogue.FindCurrency("USD")->rates.empty());
  BOOST_TEST((catalogue.FindCurrency("USD")->rates.front().date >
              catalogue.FindCurrency("USD")->rates.back().date));
  BOOST_TEST(!catalogue.FindCurrency("CAD")->active);
  BOOST_TEST(catalogue.FindCurrency("PLN")->rates.empty());
  BOOST_TEST(catalogue.quantity_digits == 2);
  BOOST_TEST(catalogue.missing_rights.empty());
}

ODOO_TEST(a_wrong_key_is_a_failed_login_and_nothing_was_applied) {
  Rig rig(target_name);
  OdooSettings settings = rig.Settings();
  settings.api_key = "wrong";
  const auto erp = rig.Connect(settings);
  const auto identity = erp->Identify(rig.Soon());
  BOOST_TEST(base::Is(identity.status(), Reason::kOdooLoginFailed), identity.status().ToString());
  BOOST_TEST((base::OutcomeOf(identity.status()) == Outcome::kNotApplied));
  BOOST_TEST(identity.status().ToString().find("wrong") == std::string::npos);
  // Odoo locks an address out after a few: the next call does not even ask.
  const absl::Time begin = absl::Now();
  const auto probe = erp->Probe(std::vector<std::string>{"x"}, rig.Soon());
  BOOST_TEST(base::Is(probe.status(), Reason::kOdooLoginFailed));
  BOOST_TEST((absl::Now() - begin < absl::Seconds(1)));
}

ODOO_TEST(a_wrong_database_is_a_failed_login) {
  Rig rig(target_name);
  OdooSettings settings = rig.Settings();
  settings.database = "no_such_database";
  const auto identity = rig.Connect(settings)->Identify(rig.Soon());
  BOOST_TEST(base::Is(identity.status(), Reason::kOdooLoginFailed), identity.status().ToString());
  BOOST_TEST((base::OutcomeOf(identity.status()) == Outcome::kNotApplied));
}

ODOO_TEST(json2_is_refused_where_it_does_not_exist) {
  Rig rig(target_name);
  if (rig.target().series == "19.0") return;
  OdooSettings settings = rig.Settings();
  settings.transport = "json2";
  const auto identity = rig.Connect(settings)->Identify(rig.Soon());
  BOOST_TEST(base::Is(identity.status(), Reason::kOdooSeriesUnsupported),
             identity.status().ToString());
}

ODOO_TEST(probing_tells_absent_from_present) {
  Rig rig(target_name);
  const Draft draft = rig.Invoice();
  const model::ErpRecord record = rig.CreateOne(draft);
  const std::vector<std::string> names{draft.external_id, Rig::FreshId()};
  const auto results = rig.erp().Probe(names, rig.Soon());
  REQUIRE_OK(results);
  BOOST_TEST(((*results)[0].kind == ports::ProbeResult::Kind::kPresent));
  BOOST_TEST((*results)[0].record.id == record.id);
  BOOST_TEST((*results)[0].record.model == "account.move");
  BOOST_TEST(((*results)[1].kind == ports::ProbeResult::Kind::kAbsent));
}

}  // namespace
}  // namespace kontor::odoo::contract
