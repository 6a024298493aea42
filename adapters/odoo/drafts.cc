// SPDX-License-Identifier: Apache-2.0
// See drafts.h.
#include "adapters/odoo/drafts.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "adapters/odoo/claims.h"
#include "adapters/odoo/classify.h"
#include "adapters/odoo/mapping.h"
#include "adapters/odoo/resolve.h"
#include "adapters/odoo/sheet.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/validate.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using model::ErpRecord;
using ports::DraftRequest;

constexpr std::string_view kMarker = "connection_marker";
constexpr std::string_view kMarkerName = "kontor connection marker";
constexpr size_t kMarkersMax = 50;  // people may copy it; the external id tells the true one

/// A refusal by Odoo's field becomes one by the document's.
absl::Status AtDocumentField(const absl::Status& status, model::DocumentType type) {
  const base::ErrorInfo info = base::InfoOf(status);
  const auto it = info.metadata.find("odoo_field");
  if (it == info.metadata.end() || !info.field.empty()) return status;
  const std::string field = DocumentField(type, it->second);
  return field.empty() ? status : base::AtField(status, field);
}

/// FNV-1a, 64 bits: a stable short name for an account number, so that the order of a partner's
/// accounts does not matter. Not a secret: the number stands beside it.
std::string ShortHash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kHex[(hash >> shift) & 0xFU]);
  return out;
}

absl::Status LoadAll(Work& work, const std::string& model, std::span<const SheetRecord> records) {
  for (const Table& table : LayOut(records)) {
    KONTOR_RETURN_IF_ERROR(LoadIfAbsent(work, model, table).status());
  }
  return absl::OkStatus();
}

bool Equals(const Json& row, const std::string& column, const std::string& cell) {
  if (column.ends_with("/.id")) {
    const std::string field = column.substr(0, column.size() - 4);
    return std::to_string(LinkIdOf(row, field)) == cell;
  }
  if (row.contains(column) && row[column].is_boolean() && (cell == "0" || cell == "1")) {
    return BoolOf(row, column) == (cell == "1");
  }
  return TextOf(row, column) == cell;
}

/// The id behind a currency, 0 when it is not active.
absl::StatusOr<int64_t> ActiveCurrency(Work& work, const std::string& code) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("res.currency", Json::array({Term("name", "=", code)}), {"name"}));
  return rows.empty() ? 0 : IntOf(rows.front(), "id");
}

/// The bank behind a BIC, 0 when Odoo does not know it: an account does without.
absl::StatusOr<int64_t> BankByBic(Work& work, const std::string& bic) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("res.bank", Json::array({Term("bic", "=", bic)}), {"bic"}, "id", 1));
  return rows.empty() ? 0 : IntOf(rows.front(), "id");
}

/// The external id of the ir.model record, which load() wants for an activity.
std::string ModelXmlId(const std::string& model) {
  std::string name = model;
  std::ranges::replace(name, '.', '_');
  return StrCat(model.starts_with("account.") ? "account" : "base", ".model_", name);
}

}  // namespace

absl::StatusOr<std::vector<ErpRecord>> CreateDocuments(Work& work,
                                                       const model::Catalogue& catalogue,
                                                       std::span<const DraftRequest> requests) {
  if (requests.empty()) return std::vector<ErpRecord>();
  if (requests.front().document->type() == model::DocumentType::kExpenseClaim) {
    return CreateClaims(work, catalogue, requests);
  }
  const model::DocumentType type = requests.front().document->type();
  const std::string model(ModelOf(type));
  KONTOR_ASSIGN_OR_RETURN(const Lookups lookups, ReadLookups(work, catalogue, requests));
  std::vector<SheetRecord> records;
  std::set<std::string> external_ids;
  for (size_t i = 0; i < requests.size(); ++i) {
    // The same external id twice in one call would add lines to one record.
    if (requests[i].document->type() != type ||
        !external_ids.insert(requests[i].external_id).second) {
      return Error(Reason::kInternal)
          .With("item", std::to_string(i))
          .Says("a batch has documents of one type, each once")
          .Happened(Outcome::kRefused);
    }
    KONTOR_ASSIGN_OR_RETURN(SheetRecord record,
                            MapDocument(requests[i], i, catalogue, work.dialect(), lookups));
    records.push_back(std::move(record));
  }
  std::vector<ErpRecord> out(requests.size());
  for (const Table& table : LayOut(records)) {
    const auto ids = LoadIfAbsent(work, model, table);
    if (!ids.ok()) return AtDocumentField(ids.status(), type);
    for (size_t i = 0; i < ids->size(); ++i) out[table.items[i]] = {model, (*ids)[i], ""};
  }
  return out;
}

absl::Status UpdatePartnerFields(Work& work, const model::Catalogue& catalogue,
                                 const DraftRequest& request, const ErpRecord& record) {
  KONTOR_ASSIGN_OR_RETURN(const Lookups lookups,
                          ReadLookups(work, catalogue, std::span(&request, 1)));
  KONTOR_ASSIGN_OR_RETURN(const SheetRecord wanted,
                          MapDocument(request, 0, catalogue, work.dialect(), lookups));
  std::vector<std::string> fields;
  for (const auto& [column, cell] : wanted.header) {
    fields.push_back(column.substr(0, column.find('/')));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto rows, work.ReadRecords(record.model, {record.id}, fields));
  if (rows.empty()) {
    return Error(Reason::kDeletedInOdoo)
        .Says(StrCat("partner ", record.id, " is gone"))
        .Happened(Outcome::kRefused);
  }
  Cells differing;
  for (const auto& [column, cell] : wanted.header) {
    if (!Equals(rows.front(), column, cell)) differing.emplace_back(column, cell);
  }
  if (differing.empty()) return absl::OkStatus();
  return AtDocumentField(LoadInto(work, record.model, record.id, differing),
                         model::DocumentType::kPartner);
}

absl::Status CreatePartnerAccounts(Work& work, const DraftRequest& request,
                                   const ErpRecord& record) {
  const auto& partner = std::get<model::Partner>(request.document->content);
  if (partner.bank_accounts.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("res.partner.bank", Json::array({Term("partner_id", "=", record.id)}),
                      {"sanitized_acc_number"}, "id", 1000, {{"active_test", false}}));
  std::set<std::string> existing;
  for (const Json& row : rows) existing.insert(TextOf(row, "sanitized_acc_number"));
  std::vector<SheetRecord> missing;
  for (size_t i = 0; i < partner.bank_accounts.size(); ++i) {
    const model::BankAccount& account = partner.bank_accounts[i];
    const std::string number = SanitizedAccount(account.account_number);
    if (!existing.insert(number).second) continue;
    SheetRecord sheet;
    sheet.external_id = StrCat(request.external_id, "_b", ShortHash(number));
    sheet.item = i;
    sheet.header = {{"acc_number", model::NormalAccountNumber(account.account_number)},
                    {"partner_id/.id", std::to_string(record.id)}};
    if (!account.holder_name.empty()) {
      sheet.header.emplace_back("acc_holder_name", account.holder_name);
    }
    if (!account.currency.IsNone()) {
      KONTOR_ASSIGN_OR_RETURN(const int64_t id, ActiveCurrency(work, account.currency.code()));
      if (id == 0) {
        return Error(Reason::kCurrencyInactive)
            .Field(StrCat("partner.bank_accounts[", i, "].currency"))
            .Happened(Outcome::kRefused);
      }
      sheet.header.emplace_back("currency_id/.id", std::to_string(id));
    }
    if (!account.bic.empty()) {
      KONTOR_ASSIGN_OR_RETURN(const int64_t id, BankByBic(work, account.bic));
      if (id > 0) sheet.header.emplace_back("bank_id/.id", std::to_string(id));
    }
    missing.push_back(std::move(sheet));
  }
  return LoadAll(work, "res.partner.bank", missing);
}

absl::Status CreateAttachments(Work& work, std::span<const ports::AttachmentRequest> requests) {
  std::vector<SheetRecord> records;
  for (size_t i = 0; i < requests.size(); ++i) {
    const ports::AttachmentRequest& request = requests[i];
    SheetRecord sheet;
    sheet.external_id = request.external_id;
    sheet.item = i;
    sheet.header = {{"name", request.attachment->name},
                    {"res_model", request.record.model},
                    {"res_id", std::to_string(request.record.id)},
                    {"datas", absl::Base64Escape(base::Absl(request.attachment->content))}};
    if (!request.attachment->media_type.empty()) {
      sheet.header.emplace_back("mimetype", request.attachment->media_type);
    }
    records.push_back(std::move(sheet));
  }
  return LoadAll(work, "ir.attachment", records);
}

absl::Status CreateActivity(Work& work, const std::string& external_id, const ErpRecord& record,
                            const std::string& summary, const std::string& note) {
  SheetRecord sheet;
  sheet.external_id = external_id;
  sheet.header = {{"res_model_id/id", ModelXmlId(record.model)},
                  {"res_id", std::to_string(record.id)},
                  {"activity_type_id/id", "mail.mail_activity_data_todo"},
                  {"summary", summary},
                  {"note", HtmlOf(note)}};
  return LoadAll(work, "mail.activity", std::span(&sheet, 1));
}

absl::StatusOr<std::string> ReadMark(Work& work) {
  // By name and then by external id: the probe calls what is archived invisible.
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("res.partner",
                      Json::array({Term("name", "=", kMarkerName), Term("active", "=", false)}),
                      {"ref"}, "id", kMarkersMax, {{"active_test", false}}));
  if (rows.empty()) return std::string();
  RpcCall call;
  call.model = "res.partner";
  call.method = "get_metadata";
  call.ids.emplace();
  for (const Json& row : rows) call.ids->push_back(IntOf(row, "id"));
  KONTOR_ASSIGN_OR_RETURN(const Json metadata, work.Read(std::move(call)));
  const std::string wanted = StrCat(kModule, ".", kMarker);
  for (const Json& one : metadata) {
    for (const Json& xmlid : one.is_object() ? one.value("xmlids", Json::array()) : Json::array()) {
      if (TextOf(xmlid, "xmlid") != wanted) continue;
      for (const Json& row : rows) {
        if (IntOf(row, "id") == IntOf(one, "id")) return TextOf(row, "ref");
      }
    }
  }
  return std::string();
}

absl::StatusOr<std::string> MakeMark(Work& work, const std::string& mark) {
  SheetRecord sheet;
  sheet.external_id = std::string(kMarker);
  sheet.header = {{"name", std::string(kMarkerName)}, {"ref", mark}, {"active", "0"}};
  const std::vector<Table> tables = LayOut(std::span(&sheet, 1));
  KONTOR_ASSIGN_OR_RETURN(const auto ids, LoadIfAbsent(work, "res.partner", tables.front()));
  KONTOR_ASSIGN_OR_RETURN(const auto rows, work.ReadRecords("res.partner", ids, {"ref"}));
  if (rows.empty()) {
    return Error(Reason::kNotVisibleInOdoo)
        .Says("the connection's marker cannot be read")
        .Happened(Outcome::kUnknown);
  }
  return TextOf(rows.front(), "ref");
}

}  // namespace kontor::odoo
