// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/formats/orders.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "server/base/strings.h"

namespace kontor::formats::testing {

model::PaymentOrder RichOrder(const Dialect& dialect) {
  model::PaymentOrder order;
  int64_t number = 0;
  for (const DialectExample& example : dialect.examples) {
    if (!example.accept) continue;
    nlohmann::json json = nlohmann::json::parse(dialect.base_order);
    const nlohmann::json change = nlohmann::json::parse(example.change);
    for (const auto& [pointer, value] : change.items()) {
      json[nlohmann::json::json_pointer(pointer)] = value;
    }
    absl::StatusOr<model::PaymentOrder> one = ReadOrderJson(json.dump());
    if (!one.ok()) throw std::runtime_error(one.status().ToString());
    ++number;
    order.header = one->header;
    for (model::PaymentBatch& batch : one->batches) {
      base::StrAppend(&batch.instruction.payment_information_id, "-", number);
      for (model::CreditTransfer& transfer : batch.transfers) {
        base::StrAppend(&transfer.instruction_id, "-", number);
        base::StrAppend(&transfer.end_to_end_id, "-", number);
        if (!transfer.uetr.empty()) transfer.uetr.back() = static_cast<char>('0' + number);
      }
      order.batches.push_back(std::move(batch));
    }
  }
  if (!model::SumUp(order).ok()) throw std::runtime_error("the sums are too large");
  return order;
}

absl::Status OrderCollector::OnOrder(const model::PaymentOrderHeader& header) {
  order_.header = header;
  return absl::OkStatus();
}

absl::Status OrderCollector::OnInstruction(const model::PaymentInstruction& instruction) {
  order_.batches.push_back({instruction, {}});
  return absl::OkStatus();
}

absl::Status OrderCollector::OnTransfer(const model::CreditTransfer& transfer) {
  order_.batches.back().transfers.push_back(transfer);
  return absl::OkStatus();
}

Written Write(const Dialect& dialect, const model::PaymentOrder& order) {
  TextSink file;
  TextSink canonical;
  Written written;
  written.status = WritePain001(dialect, order, file, &canonical);
  written.file = file.Take();
  written.canonical = canonical.Take();
  return written;
}

ReadBack Read(std::string_view file, size_t chunk_bytes_max) {
  TextSource source(file, chunk_bytes_max);
  OrderCollector collector;
  TextSink canonical;
  ReadBack read;
  read.status = ReadPain001(source, collector, &canonical);
  read.order = collector.order();
  read.canonical = canonical.Take();
  return read;
}

}  // namespace kontor::formats::testing
