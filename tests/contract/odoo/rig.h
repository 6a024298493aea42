// SPDX-License-Identifier: Apache-2.0
// A connection under test with its catalogue and a customer and supplier of its own, and documents
// as the tests want them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "adapters/odoo/odoo_erp.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/document.h"
#include "server/ports/erp.h"
#include "tests/contract/odoo/target.h"

// One test over every target.
#define ODOO_TEST(name) \
  BOOST_DATA_TEST_CASE(name, ::boost::unit_test::data::make(TargetNames()), target_name)

#define REQUIRE_OK(expr)                                                  \
  do {                                                                    \
    const absl::Status required = StatusIn(expr);                         \
    BOOST_REQUIRE_MESSAGE(required.ok(), #expr << ": " << required.ToString()); \
  } while (false)

namespace kontor::odoo::contract {

inline const absl::Status& StatusIn(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusIn(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

struct Draft {
  std::string external_id;
  model::Document document;
  model::References references;
};

class Rig {
 public:
  explicit Rig(const std::string& target_name);

  const Target& target() const { return target_; }
  ports::Erp& erp() { return *erp_; }
  int64_t company_id() const { return company_id_; }
  const model::Catalogue& catalogue() const { return *catalogue_; }
  ports::Deadline Soon() const;
  OdooSettings Settings() const;
  /// Another connection to the same server.
  std::shared_ptr<ports::Erp> Connect(OdooSettings settings) const;

  /// Never given before on this server.
  static std::string FreshId();

  /// 2 × 10.50 and 1 × 3.00 with 19 % tax: 28.56 in all, 4.56 of it tax.
  Draft Invoice(model::InvoiceKind kind = model::InvoiceKind::kCustomerInvoice);
  Draft Payment(std::string_view amount, model::PaymentDirection direction =
                                             model::PaymentDirection::kInbound);
  Draft Entry(std::string_view debit, std::string_view credit);
  Draft Partner(std::string_view name);

  absl::StatusOr<std::vector<model::ErpRecord>> Create(const std::vector<Draft>& drafts);
  model::ErpRecord CreateOne(const Draft& draft);
  model::ErpRecord Posted(const Draft& draft);
  ports::ErpSnapshot ReadOne(const model::ErpRecord& record);
  /// Reads, and reconciles the payment with the invoice.
  absl::Status Reconcile(const model::ErpRecord& payment, const model::ErpRecord& invoice);
  /// Moves, payments or partners with this external id, as the administrator sees them.
  int64_t CountInOdoo(const std::string& external_id);

 private:
  int64_t partner_id();

  const Target& target_;
  base::SystemClock clock_;
  std::shared_ptr<ports::Erp> erp_;
  int64_t company_id_ = 0;
  std::shared_ptr<const model::Catalogue> catalogue_;
};

base::Decimal Dec(std::string_view text);
base::Date Day(std::string_view text);
/// The tenth of last month: open, and in the past.
base::Date SomeDay();
model::Currency Eur();

}  // namespace kontor::odoo::contract
