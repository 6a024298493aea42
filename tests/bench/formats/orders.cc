// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/formats/orders.h"

#include <cstdio>
#include <cstdlib>

#include "server/base/strings.h"
#include "server/formats/pain001.h"
#include "tests/bench/formats/measure.h"

namespace kontor::bench {
namespace {

/// FNV-1a: tells two normal forms apart without keeping either.
class HashSink final : public ports::ByteSink {
 public:
  absl::Status Write(std::string_view bytes) override {
    for (const char c : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return absl::OkStatus();
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 14695981039346656037ULL;
};

struct IgnoringSink final : public ports::PaymentOrderSink {
  absl::Status OnOrder(const model::PaymentOrderHeader&) override { return absl::OkStatus(); }
  absl::Status OnInstruction(const model::PaymentInstruction&) override { return absl::OkStatus(); }
  absl::Status OnTransfer(const model::CreditTransfer&) override {
    ++transfers;
    return absl::OkStatus();
  }
  int64_t transfers = 0;
};

model::CreditTransfer TransferOf(const model::CreditTransfer& base, long number) {
  model::CreditTransfer transfer = base;
  transfer.instruction_id = base::StrCat("KONTOR-I-", number);
  transfer.end_to_end_id = base::StrCat("KONTOR-E2E-", number);
  transfer.amount = model::Money(base.amount.currency(), 100 + number % 100000);
  transfer.creditor.name = base::StrCat("Lieferant ", number);
  transfer.remittance.unstructured = {base::StrCat("Rechnung RE-2026-", number)};
  return transfer;
}

absl::Status WriteOrder(const formats::Dialect& dialect, long payments, ports::ByteSink& out,
                        ports::ByteSink& canonical) {
  absl::StatusOr<model::PaymentOrder> order = formats::ReadOrderJson(dialect.base_order);
  if (!order.ok()) return order.status();
  model::PaymentBatch& batch = order->batches[0];
  const model::CreditTransfer base = batch.transfers[0];
  int64_t minor = 0;
  for (long n = 0; n < payments; ++n) minor += 100 + n % 100000;
  const base::Decimal sum = base::Decimal::FromUnscaled(minor, base.amount.currency().scale());
  order->header.transfer_count = batch.instruction.transfer_count = payments;
  order->header.control_sum = batch.instruction.control_sum = sum;
  auto writer = formats::BeginPain001(dialect, order->header, out, &canonical);
  if (!writer.ok()) return writer.status();
  absl::Status status = (*writer)->BeginInstruction(batch.instruction);
  for (long n = 0; n < payments && status.ok(); ++n) status = (*writer)->Add(TransferOf(base, n));
  if (status.ok()) status = (*writer)->EndInstruction();
  return status.ok() ? (*writer)->Finish() : status;
}

}  // namespace

int RunOrders(long payments, const std::string& folder) {
  formats::Dialect dialect = *formats::FindDialect("sepa-09");
  dialect.transfers_max = payments;
  const std::string path = folder + "/kontor-formats-bench.pain.001.xml";
  const long before = PeakMegabytes();
  HashSink written;
  absl::Status status;
  int64_t bytes = 0;
  const double writing = Seconds([&] {
    FileSink file(path);
    status = WriteOrder(dialect, payments, file, written);
    bytes = file.bytes();
  });
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  const long after_writing = PeakMegabytes();
  HashSink read;
  IgnoringSink sink;
  const double reading = Seconds([&] {
    FileSource source(path);
    status = formats::ReadPain001(source, sink, &read);
  });
  std::remove(path.c_str());
  const bool same = status.ok() && sink.transfers == payments && read.hash() == written.hash();
  const double count = static_cast<double>(payments);
  std::printf("pain.001.001.09: %ld payments, %lld bytes\n", payments,
              static_cast<long long>(bytes));
  std::printf("written in one pass %10.0f payments/s, memory %ld MiB more than before\n",
              count / writing, after_writing - before);
  std::printf("read back, checked  %10.0f payments/s, peak %ld MiB, %s\n", count / reading,
              PeakMegabytes(), same ? "the same normal form" : "NOT THE SAME");
  return same ? 0 : 1;
}

}  // namespace kontor::bench
