// SPDX-License-Identifier: Apache-2.0
// Fills statements from the elements of a camt document; camt_reader.cc has the statement's level,
// camt_entry.cc that of entries and their details.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/base/status.h"
#include "server/formats/internal/camt_tree.h"
#include "server/formats/internal/iso_parts.h"
#include "server/formats/internal/xml_parser.h"
#include "server/model/statement_prover.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

class CamtReader final : public XmlHandler {
 public:
  CamtReader(ports::StatementSink& sink, ports::ReadReport& report)
      : sink_(sink), report_(report) {}

  absl::Status OnRoot(std::string_view name, std::string_view space) override;
  void OnStart(XmlId id, std::string_view name) override;
  void OnEnd(XmlId id, std::string_view text, std::string_view currency) override;
  absl::Status status() const override { return status_; }
  const XmlPlace** place() { return &place_; }
  bool saw_message() const { return saw_message_; }

 private:
  enum class Direction { kNone, kCredit, kDebit };

  // Statement, camt_reader.cc.
  void StartStatement();
  void SendHeader();
  void EndStatement();
  void EndStatementText(XmlId id, std::string_view text);
  void EndTotalsText(XmlId id, std::string_view text);
  void EndBalanceText(XmlId id, std::string_view text, std::string_view currency);
  void EndBalance();
  void StartMessage(std::string_view name);
  void TakeVersion(std::string_view space);

  // Entries, camt_entry.cc.
  void StartEntry();
  void EndEntry();
  void EndEntryText(XmlId id, std::string_view text, std::string_view currency);
  void CheckDetails();
  void EndBatchText(XmlId id, std::string_view text, std::string_view currency);
  void EndBatch();
  void StartDetail();
  void StartDetailPart(XmlId id);
  void EndDetail();
  void EndDetailText(XmlId id, std::string_view text, std::string_view currency);
  void EndReference(XmlId id, std::string_view text);
  void EndReturnText(XmlId id, std::string_view text);
  void EndSharedText(XmlId id, std::string_view text, std::string_view currency);
  void EndExchangeText(XmlId id, std::string_view text);
  void EndChargeText(XmlId id, std::string_view text, std::string_view currency);
  void EndCharge(std::vector<model::Charge>& charges);

  // What both use.
  Direction ReadDirection(std::string_view text, std::string_view field);
  std::optional<model::Money> ReadAmount(std::string_view text, std::string_view currency,
                                         std::string_view field,
                                         model::Severity severity = model::Severity::kError);
  std::optional<model::Date> ReadDate(std::string_view text, std::string_view field,
                                      model::Severity severity = model::Severity::kError);
  /// Blames the statement; `field` is below the present line, or the statement.
  void Blame(const absl::Status& status, std::string_view field,
             model::Severity severity = model::Severity::kError);
  void Fail(absl::Status status);
  void Shared(absl::Status status);

  ports::StatementSink& sink_;
  ports::ReadReport& report_;
  const XmlPlace* place_ = nullptr;
  absl::Status status_;
  model::StatementProver prover_;
  IsoParts parts_;
  AmountReader amounts_;

  model::StatementKind kind_ = model::StatementKind::kEndOfDay;
  std::string message_id_;
  int64_t group_page_ = 0;
  bool group_last_page_ = true;
  bool saw_message_ = false;
  bool in_statement_ = false;
  bool header_sent_ = false;
  model::Statement statement_;
  model::BankParty owner_;
  model::Balance balance_;
  Direction balance_direction_ = Direction::kNone;
  bool balance_amount_ = false;
  std::optional<base::Decimal> total_net_;
  Direction total_direction_ = Direction::kNone;

  bool in_entry_ = false;
  int64_t line_number_ = 0;
  model::StatementLine line_;
  bool line_broken_ = false;       ///< Not handed out: part of it cannot be read.
  bool line_contradicts_ = false;  ///< Two directions.
  int line_amounts_ = 0;           ///< Elements Amt of the entry itself: more than one is forged.
  Direction line_direction_ = Direction::kNone;
  model::BatchInfo batch_;
  Direction batch_direction_ = Direction::kNone;
  model::EntryDetail* detail_ = nullptr;  ///< The last one of `line_`, while it is open.
  Direction detail_direction_ = Direction::kNone;
  base::Int128 detail_sum_ = 0;
  int64_t detail_sum_count_ = 0;
  model::BankTransactionCode* code_ = nullptr;
  model::AmountDetails* amounts_of_ = nullptr;
  model::Charge charge_;
  bool charge_amount_ = false;
  Direction charge_direction_ = Direction::kNone;
};

}  // namespace kontor::formats::internal
