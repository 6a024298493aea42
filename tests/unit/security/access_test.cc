// SPDX-License-Identifier: Apache-2.0
// The table of methods and roles, held against the wire contract.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/security/access.h"

namespace bdata = boost::unit_test::data;

namespace kontor::security {
namespace {

using ports::Actor;
using ports::Role;

/// "kontor.v1.Service/Method" of every rpc in proto/kontor/v1.
std::set<std::string> MethodsOfTheContract() {
  const std::regex service(R"(^service (\w+))");
  const std::regex rpc(R"(^\s*rpc (\w+))");
  std::set<std::string> methods;
  for (const auto& file : std::filesystem::directory_iterator("proto/kontor/v1")) {
    if (file.path().extension() != ".proto") continue;
    std::ifstream in(file.path());
    std::string current;
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (std::regex_search(line, match, service)) current = match[1];
      if (std::regex_search(line, match, rpc)) {
        methods.insert(base::StrCat("kontor.v1.", current, "/", match[1].str()));
      }
    }
  }
  return methods;
}

Actor Someone(std::set<Role> roles, bool is_person) {
  Actor actor;
  actor.principal_id = "prn_1";
  actor.name = "someone";
  actor.is_person = is_person;
  actor.roles = std::move(roles);
  return actor;
}

BOOST_AUTO_TEST_CASE(every_method_of_the_contract_has_its_rule_and_no_other_has_one) {
  std::set<std::string> ruled;
  for (const MethodRule& rule : MethodRules()) {
    BOOST_TEST(ruled.insert(std::string(rule.method)).second, rule.method);
  }
  const std::set<std::string> contract = MethodsOfTheContract();
  BOOST_TEST(contract.size() > 50U);
  for (const std::string& method : contract) {
    BOOST_TEST(ruled.contains(method), method << " has no rule");
  }
  for (const std::string& method : ruled) {
    BOOST_TEST(contract.contains(method), method << " is not in the contract");
  }
}

BOOST_AUTO_TEST_CASE(only_redeeming_the_first_token_is_open) {
  for (const MethodRule& rule : MethodRules()) {
    BOOST_TEST_CONTEXT(rule.method) {
      BOOST_TEST((rule.access == Access::kOpen) ==
                 (rule.method == "kontor.v1.AdminService/RedeemBootstrapToken"));
      BOOST_TEST((rule.access == Access::kRoles) == !rule.roles.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_principal_without_roles_may_only_learn_about_itself) {
  for (const MethodRule& rule : MethodRules()) {
    BOOST_TEST_CONTEXT(rule.method) {
      const absl::Status status = Authorize(Someone({}, true), rule.method, "");
      BOOST_TEST(status.ok() == (rule.access != Access::kRoles));
      if (!status.ok()) BOOST_TEST(base::Is(status, base::Reason::kPermissionDenied));
    }
  }
}

BOOST_AUTO_TEST_CASE(each_rule_lets_in_exactly_its_roles) {
  for (const MethodRule& rule : MethodRules()) {
    if (rule.access != Access::kRoles) continue;
    for (int i = 0; i <= static_cast<int>(ports::kLastRole); ++i) {
      const auto role = static_cast<Role>(i);
      BOOST_TEST_CONTEXT(rule.method << " as " << ports::NameOf(role)) {
        const bool allowed =
            std::find(rule.roles.begin(), rule.roles.end(), role) != rule.roles.end();
        BOOST_TEST(Authorize(Someone({role}, true), rule.method, "").ok() == allowed);
      }
    }
  }
}

const char* const kForPersons[] = {
    "kontor.v1.OperationService/ReleaseOperation",
    "kontor.v1.ExceptionService/ResolveException",
    "kontor.v1.PaymentOrderService/ApprovePaymentOrder",
    "kontor.v1.PaymentOrderService/RevokePaymentOrderApproval",
    "kontor.v1.PaymentOrderService/ReleasePaymentOrder",
    "kontor.v1.DelegationService/CreateDelegation",
    "kontor.v1.DelegationService/RevokeDelegation",
    "kontor.v1.ExceptionService/ApproveResolution",
    "kontor.v1.ConnectionService/RebindConnection",
    "kontor.v1.ConnectionService/ReleaseRestore",
    "kontor.v1.AdminService/ProposeRoleGrant",
    "kontor.v1.AdminService/ApproveRoleGrant",
    "kontor.v1.AdminService/UpdatePostingPolicy",
};
BOOST_DATA_TEST_CASE(a_service_is_refused_what_needs_a_person_whatever_its_roles,
                     bdata::make(kForPersons), method) {
  std::set<Role> all;
  for (int i = 0; i <= static_cast<int>(ports::kLastRole); ++i) all.insert(static_cast<Role>(i));
  BOOST_TEST(Authorize(Someone(all, true), method, "").ok());
  BOOST_TEST(base::Is(Authorize(Someone(all, false), method, ""), base::Reason::kPersonRequired));
}

const char* const kNoMethods[] = {"", "CreateInvoice", "kontor.v1.InvoiceService/",
                                  "kontor.v1.InvoiceService/createInvoice",
                                  "/kontor.v1.InvoiceService/CreateInvoice",
                                  "kontor.v2.InvoiceService/CreateInvoice"};
BOOST_DATA_TEST_CASE(a_method_that_does_not_exist_is_refused, bdata::make(kNoMethods), method) {
  BOOST_TEST(base::Is(Authorize(Someone({Role::kAdministrator}, true), method, ""),
                      base::Reason::kPermissionDenied));
}

BOOST_AUTO_TEST_CASE(nobody_is_nobody) {
  BOOST_TEST(base::Is(Authorize(Actor{}, "kontor.v1.AdminService/WhoAmI", ""),
                      base::Reason::kUnauthenticated));
}

BOOST_AUTO_TEST_CASE(the_role_is_checked_before_the_entity) {
  Actor actor = Someone({Role::kSubmitter}, false);
  actor.entities = {"acme-de"};
  const char* const create = "kontor.v1.InvoiceService/CreateInvoice";
  BOOST_TEST(Authorize(actor, create, "acme-de").ok());
  BOOST_TEST(base::Is(Authorize(actor, create, "acme-fr"), base::Reason::kEntityDenied));
  BOOST_TEST(base::Is(Authorize(actor, create, "acme-d"), base::Reason::kEntityDenied));
  actor.roles = {Role::kViewer};
  BOOST_TEST(base::Is(Authorize(actor, create, "acme-fr"), base::Reason::kPermissionDenied));
  actor.entities.clear();
  BOOST_TEST(AuthorizeEntity(actor, "anything").ok());
}

}  // namespace
}  // namespace kontor::security
