// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine/fake_erp.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::engine::testing {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using model::Decimal;
using model::DocumentType;
using ports::ErpSnapshot;

constexpr int64_t kTaxPercent = 19;

Decimal Sum(const Decimal& a, const Decimal& b) { return a.Add(b).value(); }
Decimal Less(const Decimal& a, const Decimal& b) { return a.Subtract(b).value(); }

std::string OdooTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::UTCTimeZone());
}

model::Date Day(const char* text) { return model::Date::Parse(text).value(); }

model::Catalogue MakeCatalogue() {
  model::Catalogue c;
  c.company_id = 1;
  c.company_name = "Hansekontor GmbH";
  c.company_currency_code = "EUR";
  c.series = "18.0";
  c.takes_own_rate = true;
  c.journals = {{1, "INV", "Sales", model::JournalType::kSale, ""},
                {2, "BILL", "Purchases", model::JournalType::kPurchase, ""},
                {3, "BNK1", "Bank", model::JournalType::kBank, ""},
                {4, "MISC", "Miscellaneous", model::JournalType::kGeneral, ""}};
  c.accounts = {{10, "400000", "Income", "income", false},
                {11, "600000", "Expense", "expense", false},
                {12, "700000", "Other", "expense", false}};
  c.taxes = {{20, "19%", false, "percent", Decimal::FromInt(kTaxPercent), false},
             {21, "19%", true, "percent", Decimal::FromInt(kTaxPercent), false}};
  c.currencies = {
      {30, "EUR", true, 2, {}},
      {31, "USD", true, 2, {{Day("2026-11-01"), Decimal::Parse("1.0874").value()}}},
      {32, "GBP", false, 2, {}}};
  c.payment_terms = {{40, "30 Days", ""}};
  return c;
}

void FillInvoice(const model::Invoice& invoice, int64_t tax_extra_minor, ErpSnapshot& s) {
  static constexpr const char* kTypes[] = {"out_invoice", "in_invoice", "out_refund", "in_refund"};
  s.move_type = kTypes[static_cast<size_t>(invoice.kind)];
  Decimal net;
  Decimal tax;
  constexpr auto kHalfUp = Decimal::Rounding::kHalfUp;
  const int scale = invoice.currency.scale();
  for (const auto& line : invoice.lines) {
    const Decimal amount = line.quantity.Multiply(line.unit_price, kHalfUp)->Round(scale, kHalfUp);
    net = Sum(net, amount);
    if (!line.tax_names.empty()) {
      const Decimal part =
          amount.Multiply(Decimal::FromUnscaled(kTaxPercent, 2), kHalfUp)->Round(scale, kHalfUp);
      tax = Sum(tax, part);
    }
  }
  if (!tax.IsZero()) tax = Sum(tax, Decimal::FromUnscaled(tax_extra_minor, scale));
  s.tax = tax;
  s.total = Sum(net, tax);
  s.residual = s.total;
  s.currency_code = invoice.currency.code();
  s.payment_state = "not_paid";
  s.invoice_date = invoice.invoice_date;
  s.date = invoice.accounting_date ? invoice.accounting_date : invoice.invoice_date;
  s.due_date = invoice.due_date ? invoice.due_date : invoice.invoice_date;
  s.reference = invoice.reference;
  s.payment_reference = invoice.payment_reference;
  const bool purchase = model::IsPurchase(invoice.kind);
  s.journal_code = !invoice.journal_code.empty() ? invoice.journal_code : purchase ? "BILL" : "INV";
}

}  // namespace

FakeErp::FakeErp(const base::Clock& clock) : catalogue(MakeCatalogue()), clock_(clock) {
  identity.series = "18.0";
  identity.transport = "jsonrpc";
  identity.database_mark = "database-a";
}

absl::Status FakeErp::Call(const std::string& method, std::function<absl::Status()> work) {
  if (arrives) arrives(method);
  const std::lock_guard lock(mutex_);
  ++calls_[method];
  ++calls_total_;
  const Fault now = fault ? fault(method, calls_total_) : Fault::kNone;
  if (const auto it = broken.find(method); it != broken.end()) return it->second;
  switch (now) {
    case Fault::kNone: {
      const absl::Status status = work();
      return status;
    }
    case Fault::kUnreachable:
      return Error(Reason::kOdooUnreachable).Happened(Outcome::kNotApplied).Says("refused");
    case Fault::kBusy:
      return Error(Reason::kOdooBusy).Happened(Outcome::kNotApplied).Says("serialization");
    case Fault::kCutBefore: return Error(Reason::kOdooAnswerLost).Says("cut on the way there");
    case Fault::kCutAfter:
      static_cast<void>(work());
      return Error(Reason::kOdooAnswerLost).Says("cut on the way back");
    case Fault::kLate:
      // A reading that arrives late changes nothing.
      if (!method.starts_with("Read")) late_.push_back(std::move(work));
      return Error(Reason::kOdooAnswerLost).Says("gave up");
  }
  return absl::OkStatus();
}

void FakeErp::DeliverLate() {
  const std::lock_guard lock(mutex_);
  std::vector<std::function<absl::Status()>> arriving;
  arriving.swap(late_);
  for (const auto& work : arriving) static_cast<void>(work());
}

FakeRecord* FakeErp::Find(const model::ErpRecord& record) {
  const auto it = records_.find(record.id);
  return it != records_.end() && it->second.model == record.model ? &it->second : nullptr;
}

FakeRecord* FakeErp::FindMove(int64_t move_id) {
  for (auto& [id, record] : records_) {
    if (record.model == "account.move" ? id == move_id : record.snapshot.move_id == move_id) {
      return &record;
    }
  }
  return nullptr;
}

void FakeErp::Touch(FakeRecord& record) { record.snapshot.write_date = OdooTime(clock_.Now()); }

std::string FakeErp::Number(const FakeRecord& record) {
  return StrCat(record.snapshot.journal_code, "/2026/", next_number_++);
}

model::ErpRecord FakeErp::Create(const std::string& external_id, const model::Document& document,
                                 const model::References& references) {
  FakeRecord record;
  record.id = next_id_++;
  record.external_id = external_id;
  record.document = document;
  record.drafts_made = 1;
  ErpSnapshot& s = record.snapshot;
  s.exists = true;
  s.state = "draft";
  s.partner_id = references.partner_id;
  switch (document.type()) {
    case DocumentType::kPartner:
      record.model = "res.partner";
      s.state.clear();
      break;
    case DocumentType::kInvoice:
      record.model = "account.move";
      FillInvoice(std::get<model::Invoice>(document.content), tax_extra_minor, s);
      if (!s.date) s.date = s.invoice_date = model::Date::Of(clock_.Now());
      break;
    case DocumentType::kPayment: {
      const auto& payment = std::get<model::Payment>(document.content);
      record.model = "account.payment";
      record.remaining = payment.amount.ToDecimal();
      s.move_type = "payment";
      s.total = s.residual = record.remaining;
      s.currency_code = payment.amount.currency().code();
      s.date = payment.date;
      s.journal_code = payment.journal_code;
      break;
    }
    case DocumentType::kJournalEntry: {
      const auto& entry = std::get<model::JournalEntry>(document.content);
      record.model = "account.move";
      s.move_type = "entry";
      for (const auto& line : entry.lines) s.total = Sum(s.total, line.debit);
      s.currency_code = catalogue.company_currency_code;
      s.date = entry.date;
      s.reference = entry.reference;
      s.journal_code = entry.journal_code.empty() ? "MISC" : entry.journal_code;
      break;
    }
    case DocumentType::kExpenseClaim: {
      const auto& claim = std::get<model::ExpenseClaim>(document.content);
      record.model = "hr.expense.sheet";
      s.move_type = "expense";
      for (const auto& line : claim.lines) s.total = Sum(s.total, line.amount.ToDecimal());
      s.tax = claim.expected_tax ? claim.expected_tax->ToDecimal() : model::Decimal();
      s.currency_code = claim.currency.code();
      s.date = claim.date;
      s.reference = claim.reference;
      s.journal_code = claim.journal_code.empty() ? "BILL" : claim.journal_code;
      break;
    }
  }
  s.record = {record.model, record.id, ""};
  Touch(record);
  by_external_id_[external_id] = record.id;
  return records_.emplace(record.id, std::move(record)).first->second.snapshot.record;
}

absl::StatusOr<ports::ErpIdentity> FakeErp::Identify(ports::Deadline /*deadline*/) {
  KONTOR_RETURN_IF_ERROR(Call("Identify", [] { return absl::OkStatus(); }));
  return identity;
}

absl::StatusOr<std::string> FakeErp::BindDatabase(const std::string& mark,
                                                  ports::Deadline /*deadline*/) {
  KONTOR_RETURN_IF_ERROR(Call("BindDatabase", [] { return absl::OkStatus(); }));
  if (identity.database_mark.empty()) identity.database_mark = mark;
  return identity.database_mark;
}

absl::StatusOr<ports::ErpReport> FakeErp::Check(int64_t /*company_id*/,
                                                ports::Deadline /*deadline*/) {
  ports::ErpReport report;
  report.identity = identity;
  return report;
}

absl::StatusOr<model::Catalogue> FakeErp::ReadCatalogue(int64_t /*company_id*/,
                                                        ports::Deadline /*deadline*/) {
  KONTOR_RETURN_IF_ERROR(Call("ReadCatalogue", [] { return absl::OkStatus(); }));
  return catalogue;
}

absl::StatusOr<model::LockDates> FakeErp::ReadLockDates(int64_t /*company_id*/,
                                                        ports::Deadline /*deadline*/) {
  return catalogue.lock_dates;
}

absl::StatusOr<std::vector<model::References>> FakeErp::Resolve(
    int64_t /*company_id*/, std::span<const model::Document* const> documents,
    const std::map<std::string, int64_t>& known_partners, ports::Deadline /*deadline*/) {
  KONTOR_RETURN_IF_ERROR(Call("Resolve", [] { return absl::OkStatus(); }));
  const auto id_of = [&](const model::PartnerRef& ref) -> int64_t {
    if (ref.odoo_id != 0) return ref.odoo_id;
    const auto it = known_partners.find(ref.reference);
    if (it != known_partners.end()) return it->second;
    return ref.reference.starts_with("known") ? 900 : 0;
  };
  std::vector<model::References> answers;
  for (const model::Document* document : documents) {
    model::References references;
    if (document->type() == DocumentType::kInvoice) {
      references.partner_id = id_of(std::get<model::Invoice>(document->content).partner);
      references.same_reference_move_id = same_reference_move_id;
      if (same_reference_move_id != 0) references.same_reference_name = "BILL/2026/77";
    } else if (document->type() == DocumentType::kPayment) {
      const auto& payment = std::get<model::Payment>(document->content);
      references.partner_id = id_of(payment.partner);
      for (const auto& [id, known] : payables) {
        if (!known.account || known.account->number != payment.partner_bank_account) continue;
        references.partner_bank_id = known.account->id;
        references.partner_bank_trusted = known.account->trusted;
      }
    } else if (document->type() == DocumentType::kJournalEntry) {
      for (const auto& line : std::get<model::JournalEntry>(document->content).lines) {
        if (!line.partner.IsEmpty()) references.partners[KeyOf(line.partner)] = id_of(line.partner);
      }
    } else if (document->type() == DocumentType::kExpenseClaim) {
      const auto& claim = std::get<model::ExpenseClaim>(document->content);
      references.employee_id = claim.employee_email.starts_with("known") ? 7 : 0;
      references.employee_has_contact = references.employee_id != 0;
      for (const auto& line : claim.lines) references.products[line.product_code] = 11;
    }
    answers.push_back(std::move(references));
  }
  return answers;
}

absl::StatusOr<std::vector<model::ErpRecord>> FakeErp::CreateDrafts(
    int64_t /*company_id*/, const model::Catalogue& /*given*/,
    std::span<const ports::DraftRequest> requests, ports::Deadline /*deadline*/) {
  // A call that arrives late must not look at what its caller has given up.
  struct Kept {
    std::string external_id;
    model::Document document;
    model::References references;
  };
  std::vector<Kept> kept;
  for (const auto& r : requests) kept.push_back({r.external_id, *r.document, *r.references});
  auto answers = std::make_shared<std::vector<model::ErpRecord>>();
  batch_sizes_.push_back(requests.size());
  KONTOR_RETURN_IF_ERROR(Call("CreateDrafts", [this, kept, answers]() -> absl::Status {
    for (size_t i = 0; i < kept.size(); ++i) {
      if (!refused.contains(kept[i].external_id)) continue;
      Error error(Reason::kOdooRefused);
      if (names_refused_item) error = std::move(error).With("item", std::to_string(i));
      return std::move(error).Happened(Outcome::kRefused).Says("Odoo does not like it");
    }
    std::vector<model::ErpRecord> made;
    for (const Kept& one : kept) {
      const auto it = by_external_id_.find(one.external_id);
      if (it == by_external_id_.end()) {
        made.push_back(Create(one.external_id, one.document, one.references));
        continue;
      }
      FakeRecord& existing = records_.at(it->second);
      made.push_back(existing.snapshot.record);
    }
    *answers = std::move(made);
    return absl::OkStatus();
  }));
  return *answers;
}

absl::Status FakeErp::UpdatePartner(int64_t /*company_id*/, const model::Catalogue& /*given*/,
                                    const ports::DraftRequest& request,
                                    const model::ErpRecord& record, ports::Deadline /*deadline*/) {
  return Call("UpdatePartner", [this, document = *request.document, record]() -> absl::Status {
    FakeRecord* const found = Find(record);
    if (found == nullptr) {
      return Error(Reason::kDeletedInOdoo).Happened(Outcome::kRefused).Says("gone");
    }
    found->document = document;
    Touch(*found);
    return absl::OkStatus();
  });
}

absl::Status FakeErp::CreateBankAccounts(int64_t /*company_id*/, const ports::DraftRequest& request,
                                         const model::ErpRecord& /*record*/,
                                         ports::Deadline /*deadline*/) {
  return Call("CreateBankAccounts", [this, document = *request.document]() -> absl::Status {
    for (const auto& account : std::get<model::Partner>(document.content).bank_accounts) {
      bank_accounts.insert(account.account_number);
    }
    return absl::OkStatus();
  });
}

absl::Status FakeErp::PostOne(FakeRecord& record) {
  if (record.snapshot.state != "draft") return absl::OkStatus();
  ErpSnapshot& s = record.snapshot;
  if (silent_lock && s.date && *s.date <= *silent_lock) s.date = silent_lock->PlusDays(31);
  ++record.posts;
  s.state = "posted";
  s.record.name = Number(record);
  if (record.model == "account.payment") {
    s.state = "in_process";
    if (payments_have_moves) s.move_id = 100'000 + record.id;
  }
  Touch(record);
  return absl::OkStatus();
}

absl::Status FakeErp::PostClaim(int64_t company_id, const model::Catalogue& /*given*/,
                                const ports::DraftRequest& /*request*/,
                                const model::ErpRecord& record, ports::Deadline deadline) {
  return Post(company_id, std::span(&record, 1), deadline);
}

absl::Status FakeErp::Post(int64_t /*company_id*/, std::span<const model::ErpRecord> records,
                           ports::Deadline /*deadline*/) {
  const std::vector<model::ErpRecord> kept(records.begin(), records.end());
  return Call("Post", [this, kept]() -> absl::Status {
    for (const auto& record : kept) {
      if (Find(record) == nullptr) {
        return Error(Reason::kDeletedInOdoo).Happened(Outcome::kRefused).Says("gone");
      }
    }
    for (const auto& record : kept) KONTOR_RETURN_IF_ERROR(PostOne(*Find(record)));
    return absl::OkStatus();
  });
}

absl::Status FakeErp::CorrectTax(int64_t /*company_id*/, const model::ErpRecord& record,
                                 const model::Money& tax, ports::Deadline /*deadline*/) {
  return Call("CorrectTax", [this, record, tax]() -> absl::Status {
    FakeRecord* const found = Find(record);
    if (found == nullptr || found->snapshot.state != "draft") {
      return Error(Reason::kStateConflict).Happened(Outcome::kRefused).Says("not a draft");
    }
    ErpSnapshot& s = found->snapshot;
    s.total = Sum(Less(s.total, s.tax), tax.ToDecimal());
    s.tax = tax.ToDecimal();
    s.residual = s.total;
    Touch(*found);
    return absl::OkStatus();
  });
}

absl::Status FakeErp::Reconcile(int64_t /*company_id*/, const ports::ReconcileRequest& request,
                                ports::Deadline /*deadline*/) {
  return Call("Reconcile", [this, request]() -> absl::Status {
    FakeRecord* const payment = FindMove(request.payment_move_id);
    FakeRecord* const invoice = FindMove(request.invoice_move_id);
    if (payment == nullptr || invoice == nullptr) {
      return Error(Reason::kInvoiceNotPosted).Happened(Outcome::kRefused).Says("no such move");
    }
    const bool is_note = payment->model == "account.move";
    Decimal& left = is_note ? payment->snapshot.residual : payment->remaining;
    const Decimal pays = std::min(left, invoice->snapshot.residual);
    if (pays.IsZero()) return absl::OkStatus();
    left = Less(left, pays);
    invoice->snapshot.residual = Less(invoice->snapshot.residual, pays);
    const bool settled = invoice->snapshot.residual.IsZero();
    invoice->snapshot.payment_state = settled ? (is_note ? "reversed" : "paid") : "partial";
    if (is_note && left.IsZero()) payment->snapshot.payment_state = "paid";
    Touch(*payment);
    Touch(*invoice);
    NoteChange("move.payment_state_changed", invoice->snapshot.record);
    return absl::OkStatus();
  });
}

absl::Status FakeErp::Attach(int64_t /*company_id*/,
                             std::span<const ports::AttachmentRequest> requests,
                             ports::Deadline /*deadline*/) {
  std::vector<std::string> ids;
  for (const auto& request : requests) ids.push_back(request.external_id);
  return Call("Attach", [this, ids]() -> absl::Status {
    attachments.insert(ids.begin(), ids.end());
    return absl::OkStatus();
  });
}

absl::Status FakeErp::RemoveDrafts(int64_t /*company_id*/,
                                   std::span<const model::ErpRecord> records,
                                   ports::Deadline /*deadline*/) {
  const std::vector<model::ErpRecord> kept(records.begin(), records.end());
  return Call("RemoveDrafts", [this, kept]() -> absl::Status {
    for (const auto& record : kept) {
      const FakeRecord* const found = Find(record);
      if (found != nullptr && found->snapshot.state != "draft") {
        return Error(Reason::kStateConflict).Happened(Outcome::kRefused).Says("posted");
      }
    }
    for (const auto& record : kept) {
      if (Find(record) == nullptr) continue;
      by_external_id_.erase(Find(record)->external_id);
      records_.erase(record.id);
    }
    return absl::OkStatus();
  });
}

absl::Status FakeErp::Undo(int64_t /*company_id*/, const model::ErpRecord& record,
                           ports::Deadline /*deadline*/) {
  return Call("Undo", [this, record]() -> absl::Status {
    FakeRecord* const found = Find(record);
    if (found == nullptr) return absl::OkStatus();
    if (found->snapshot.hashed) {
      return Error(Reason::kHashedDocument).Happened(Outcome::kRefused).Says("sealed");
    }
    found->snapshot.state = record.model == "account.payment" ? "canceled" : "cancel";
    Touch(*found);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<ErpSnapshot>> FakeErp::Read(int64_t /*company_id*/,
                                                       std::span<const model::ErpRecord> records,
                                                       ports::Deadline /*deadline*/) {
  auto answers = std::make_shared<std::vector<ErpSnapshot>>();
  const std::vector<model::ErpRecord> kept(records.begin(), records.end());
  KONTOR_RETURN_IF_ERROR(Call("Read", [this, kept, answers]() -> absl::Status {
    for (const auto& record : kept) {
      const FakeRecord* const found = Find(record);
      ErpSnapshot missing;
      missing.record = record;
      answers->push_back(found == nullptr ? missing : found->snapshot);
    }
    return absl::OkStatus();
  }));
  return *answers;
}

absl::StatusOr<std::vector<ports::ProbeResult>> FakeErp::Probe(
    std::span<const std::string> external_ids, ports::Deadline /*deadline*/) {
  auto answers = std::make_shared<std::vector<ports::ProbeResult>>();
  const std::vector<std::string> kept(external_ids.begin(), external_ids.end());
  KONTOR_RETURN_IF_ERROR(Call("Probe", [this, kept, answers]() -> absl::Status {
    for (const std::string& id : kept) {
      ports::ProbeResult result;
      const auto it = by_external_id_.find(id);
      if (it != by_external_id_.end()) {
        const FakeRecord& record = records_.at(it->second);
        result.kind = record.visible ? ports::ProbeResult::Kind::kPresent
                                     : ports::ProbeResult::Kind::kNotVisible;
        if (record.visible) result.record = record.snapshot.record;
      }
      answers->push_back(result);
    }
    return absl::OkStatus();
  }));
  return *answers;
}

absl::StatusOr<ports::ChangePage> FakeErp::ReadChanges(int64_t /*company_id*/,
                                                       const ports::ChangeCursor& after, int limit,
                                                       ports::Deadline /*deadline*/) {
  ports::ChangePage page;
  page.next = after;
  KONTOR_RETURN_IF_ERROR(Call("ReadChanges", [&]() -> absl::Status {
    if (!late_page.empty()) {
      page.snapshots = std::exchange(late_page, {});
      return absl::OkStatus();
    }
    std::vector<const FakeRecord*> changed;
    for (const auto& [id, record] : records_) {
      if (record.model == "res.partner") continue;
      if (std::tie(record.snapshot.write_date, record.id) >
          std::tie(after.write_date, after.id)) {
        changed.push_back(&record);
      }
    }
    std::sort(changed.begin(), changed.end(), [](const auto* a, const auto* b) {
      return std::tie(a->snapshot.write_date, a->id) < std::tie(b->snapshot.write_date, b->id);
    });
    page.more = changed.size() > static_cast<size_t>(limit);
    if (page.more) changed.resize(static_cast<size_t>(limit));
    for (const auto* record : changed) page.snapshots.push_back(record->snapshot);
    if (!changed.empty()) page.next = {changed.back()->snapshot.write_date, changed.back()->id};
    return absl::OkStatus();
  }));
  return page;
}

absl::StatusOr<ports::ChangePage> FakeErp::ReadMoves(int64_t /*company_id*/,
                                                     const model::Date& from, const model::Date& to,
                                                     int64_t after_id, int limit,
                                                     ports::Deadline /*deadline*/) {
  ports::ChangePage page;
  KONTOR_RETURN_IF_ERROR(Call("ReadMoves", [&]() -> absl::Status {
    for (const auto& [id, record] : records_) {
      if (record.model != "account.move" || id <= after_id) continue;
      if (!record.snapshot.date || *record.snapshot.date < from || *record.snapshot.date > to) {
        continue;
      }
      if (page.snapshots.size() == static_cast<size_t>(limit)) {
        page.more = true;
        break;
      }
      page.snapshots.push_back(record.snapshot);
      page.snapshots.back().external_id = record.external_id;
      page.next.id = id;
    }
    return absl::OkStatus();
  }));
  return page;
}

absl::Status FakeErp::ScheduleActivity(int64_t /*company_id*/, const std::string& external_id,
                                       const model::ErpRecord& /*record*/,
                                       const std::string& /*summary*/, const std::string& /*note*/,
                                       ports::Deadline /*deadline*/) {
  return Call("ScheduleActivity", [&]() -> absl::Status {
    activities_.push_back(external_id);
    return absl::OkStatus();
  });
}

std::vector<FakeRecord> FakeErp::All(const std::string& model) const {
  const std::lock_guard lock(mutex_);
  std::vector<FakeRecord> all;
  for (const auto& [id, record] : records_) {
    if (record.model == model) all.push_back(record);
  }
  return all;
}

std::optional<FakeRecord> FakeErp::ByExternalId(const std::string& external_id) const {
  const std::lock_guard lock(mutex_);
  const auto it = by_external_id_.find(external_id);
  if (it == by_external_id_.end()) return std::nullopt;
  return records_.at(it->second);
}

int FakeErp::Calls(const std::string& method) const {
  const std::lock_guard lock(mutex_);
  const auto it = calls_.find(method);
  return it == calls_.end() ? 0 : it->second;
}

void FakeErp::DeleteRecord(int64_t id, const std::string& model) {
  const FakeRecord* const found = Find({model, id, ""});
  if (found == nullptr) return;
  NoteChange("move.deleted", found->snapshot.record);
  by_external_id_.erase(found->external_id);
  records_.erase(id);
}

void FakeErp::Hide(int64_t id, const std::string& model) { Find({model, id, ""})->visible = false; }

void FakeErp::EditReference(int64_t id, const std::string& reference) {
  FakeRecord* const record = Find({"account.move", id, ""});
  record->snapshot.reference = reference;
  Touch(*record);
  NoteChange("move.changed", record->snapshot.record);
}

void FakeErp::PayByHand(int64_t id, const std::string& amount) {
  FakeRecord* const record = Find({"account.move", id, ""});
  ErpSnapshot& s = record->snapshot;
  s.residual = Less(s.residual, Decimal::Parse(amount).value());
  s.payment_state = s.residual.IsZero() ? "paid" : s.residual == s.total ? "not_paid" : "partial";
  Touch(*record);
  NoteChange("move.payment_state_changed", record->snapshot.record);
}

int64_t FakeErp::MakeForeignInvoice(const std::string& total) {
  FakeRecord record;
  record.id = next_id_++;
  record.model = "account.move";
  ErpSnapshot& s = record.snapshot;
  s.exists = true;
  s.state = "draft";
  s.move_type = "out_invoice";
  s.record = {record.model, record.id, ""};
  s.date = s.invoice_date = model::Date::Of(clock_.Now());
  s.currency_code = "EUR";
  s.journal_code = "INV";
  s.payment_state = "not_paid";
  s.total = s.residual = Decimal::Parse(total).value();
  Touch(record);
  const int64_t id = record.id;
  records_.emplace(id, std::move(record));
  return id;
}

int64_t FakeErp::PostByHand(int64_t id) {
  static_cast<void>(PostOne(records_.at(id)));
  NoteChange("move.posted", records_.at(id).snapshot.record);
  return id;
}

int64_t FakeErp::MakeForeignPayment(const std::string& total, const std::string& journal_code) {
  FakeRecord record;
  record.id = next_id_++;
  record.model = "account.payment";
  ErpSnapshot& s = record.snapshot;
  s.exists = true;
  s.state = "in_process";
  s.move_type = "payment";
  s.record = {record.model, record.id, base::StrCat("PBNK1/2026/", record.id)};
  s.move_id = record.id + 100'000;
  s.date = model::Date::Of(clock_.Now());
  s.currency_code = "EUR";
  s.journal_code = journal_code;
  s.reference = "RE-77";
  s.total = Decimal::Parse(total).value();
  Touch(record);
  const int64_t id = record.id;
  records_.emplace(id, std::move(record));
  return id;
}

void FakeErp::EditPayment(int64_t id, const std::function<void(ErpSnapshot&)>& edit) {
  FakeRecord* const record = Find({"account.payment", id, ""});
  edit(record->snapshot);
  Touch(*record);
}

}  // namespace kontor::engine::testing
