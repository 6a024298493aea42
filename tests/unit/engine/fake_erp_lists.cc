// SPDX-License-Identifier: Apache-2.0
// What the ERP in memory tells of bills, payments and vendors.
#include <algorithm>

#include "server/base/status.h"
#include "tests/unit/engine/fake_erp.h"

namespace kontor::engine::testing {

absl::StatusOr<ports::PayablePage> FakeErp::ReadPayables(int64_t /*company_id*/,
                                                         const ports::PayableQuery& query,
                                                         ports::Deadline /*deadline*/) {
  ports::PayablePage page;
  KONTOR_RETURN_IF_ERROR(Call("ReadPayables", [&]() -> absl::Status {
    for (const auto& [id, known] : payables) {
      const FakeRecord* const bill = Find({"account.move", id, ""});
      if (bill == nullptr) continue;
      const bool named = std::ranges::find(query.move_ids, id) != query.move_ids.end();
      const bool open = bill->snapshot.state == "posted" && !bill->snapshot.residual.IsZero();
      if (query.move_ids.empty() ? !open : !named) continue;
      page.rows.push_back(known);
      page.rows.back().bill = bill->snapshot;
    }
    return absl::OkStatus();
  }));
  return page;
}

absl::StatusOr<std::vector<ports::BookedPayment>> FakeErp::ReadPayments(
    int64_t /*company_id*/, std::span<const int64_t> ids, ports::Deadline /*deadline*/) {
  const std::vector<int64_t> wanted(ids.begin(), ids.end());
  std::vector<ports::BookedPayment> rows;
  KONTOR_RETURN_IF_ERROR(Call("ReadPayments", [&]() -> absl::Status {
    for (const auto& [id, record] : records_) {
      if (record.model != "account.payment") continue;
      if (std::ranges::find(wanted, id) == wanted.end()) continue;
      rows.push_back(booked_payments[id]);
      rows.back().payment = record.snapshot;
    }
    return absl::OkStatus();
  }));
  return rows;
}

absl::StatusOr<std::vector<model::NamedId>> FakeErp::ReadVendors(int64_t /*company_id*/,
                                                                int64_t after_id,
                                                                ports::Deadline /*deadline*/) {
  constexpr size_t kPage = 2;
  std::vector<model::NamedId> page;
  KONTOR_RETURN_IF_ERROR(Call("ReadVendors", [&]() -> absl::Status {
    for (const model::NamedId& vendor : vendors) {
      if (vendor.id > after_id && page.size() < kPage) page.push_back(vendor);
    }
    return absl::OkStatus();
  }));
  return page;
}

}  // namespace kontor::engine::testing
