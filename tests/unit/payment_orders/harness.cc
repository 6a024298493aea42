// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/payment_orders/harness.h"

#include <utility>

#include "server/base/strings.h"
#include "server/crypto/digest.h"
#include "server/formats/codec.h"
#include "server/formats/screening_lists.h"
#include "server/formats/streams.h"
#include "server/model/bank.h"
#include "server/screening/screening.h"

namespace kontor::payment_orders::testing {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using engine::testing::Crash;
using engine::testing::Person;
using ports::FilePlace;
using ports::Role;

constexpr int64_t kVendorId = 900;

constexpr char kTwoApprovals[] = R"({"steps": [{"name": "everything", "approvals": 2}]})";

std::string All(ports::ByteSource& bytes) {
  std::string out;
  std::string piece(4096, '\0');
  while (true) {
    const auto got = bytes.Read(piece);
    BOOST_REQUIRE(got.ok());
    if (*got == 0) return out;
    out += piece.substr(0, *got);
  }
}

template <typename Thing>
void Store(store::Store& store, const char* kind, const Thing& thing, const std::string& body,
           absl::Time now) {
  BOOST_REQUIRE(store
                    .Commit([&](ports::Unit& unit) -> absl::Status {
                      KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(kind, thing.name));
                      if (!row) row.emplace();
                      row->kind = kind;
                      row->id = thing.id;
                      row->name = thing.name;
                      row->body = body;
                      row->created = row->updated = now;
                      return unit.PutObject(*row);
                    })
                    .ok());
}

}  // namespace

absl::Status FakeBank::Submit(const ports::OutgoingFile& file, ports::ByteSource& bytes) {
  ++submits;
  if (const auto now = std::exchange(on_submit, nullptr)) now();
  Trouble now = Trouble::kNone;
  if (!trouble.empty()) {
    now = trouble.front();
    trouble.pop_front();
  }
  if (now == Trouble::kRefused) {
    return Error(Reason::kChannelInvalid).Says("the outbox is full");
  }
  if (now != Trouble::kLostBefore) {
    const std::string text = All(bytes);
    const auto [it, fresh] = files.emplace(file.name, text);
    if (!fresh && it->second != text) return Error(Reason::kChannelFileConflict).Says("another");
  }
  if (now == Trouble::kNone) return absl::OkStatus();
  return Error(Reason::kChannelUnreachable).Says("the answer was lost");
}

absl::StatusOr<FilePlace> FakeBank::Find(const ports::OutgoingFile& file) {
  if (const auto now = std::exchange(before_find, nullptr)) now();
  ++finds;
  KONTOR_RETURN_IF_ERROR(find_answer);
  if (!files.contains(file.name)) return FilePlace::kNowhere;
  if (compares && crypto::Sha256(files[file.name]).Hex() != file.sha256) {
    return FilePlace::kUnknown;
  }
  return place_after.value_or(FilePlace::kTaken);
}

absl::StatusOr<std::optional<std::string>> FakeBank::Seal(std::string_view bytes) {
  if (sealed_suffix.empty()) return std::optional<std::string>();
  KONTOR_RETURN_IF_ERROR(seal_answer);
  return std::optional(StrCat("sealing ", ++seals, " of ", bytes));
}

OrderHarness::OrderHarness()
    : codec(formats::MakeBankCodec()),
      preparer(Person("prn_petra", {Role::kPaymentPreparer})),
      approver(Person("prn_axel", {Role::kPaymentApprover})),
      second_approver(Person("prn_anke", {Role::kPaymentApprover})),
      releasing(Person("prn_rolf", {Role::kPaymentReleaser})),
      everything(Person("prn_eva",
                        {Role::kPaymentPreparer, Role::kPaymentApprover, Role::kPaymentReleaser})),
      second_administrator(Person("prn_boss", {Role::kAdministrator})) {
  people.all = {preparer,  approver,   second_approver,      releasing,
                everything, accountant, second_administrator};
  delegations = std::make_unique<Delegations>(DelegationDependencies{*store, clock, ids, people});
  PutChannel([](model::Channel&) {});
  PutAccount([](model::OwnAccount&) {});
  policies = std::make_unique<Policies>(PolicyDependencies{*store, clock, ids, crypto});
  list_reader = formats::MakeScreeningListReader();
  lists = std::make_unique<ScreeningLists>(
      ListDependencies{*store, clock, ids, crypto, *list_reader, *policies, 1 << 20});
  SetPolicy("approval", kTwoApprovals);
  RestartLoop();
}

void OrderHarness::RestartLoop() {
  loop.reset();
  Settings loop_settings;
  loop_settings.node = "node-1";
  loop = MakePaymentOrders(
      {*store,
       clock,
       ids,
       crypto,
       *engine,
       *codec,
       people,
       [this](std::string_view, std::string_view way, std::string_view)
           -> absl::StatusOr<std::shared_ptr<ports::BankChannel>> {
         return way == kOtherSettings ? other_bank : bank;
       },
       screening::MakeScreeningFactory(
           *list_reader,
           [this](const std::string& sha256) -> absl::StatusOr<screening::OpenedList> {
             KONTOR_ASSIGN_OR_RETURN(auto list, lists->Open(sha256));
             return screening::OpenedList{std::move(list.bytes), list.published};
           }),
       {},
       [this](const char* name) {
         if (crash_in_loop_at != name) return;
         crash_in_loop_at.clear();
         throw Crash(name);
       }},
      loop_settings, false);
  BOOST_REQUIRE(loop->Start().ok());
}

int64_t OrderHarness::AddBill(const std::string& total, const std::string& account) {
  const int64_t id = erp->PostByHand(erp->MakeForeignInvoice(total));
  ports::Payable payable;
  payable.partner_id = kVendorId;
  payable.partner_name = "Muster Lieferant GmbH";
  payable.address.town = "Hamburg";
  payable.address.country_code = "DE";
  ports::PayableAccount& to = payable.account.emplace();
  to.id = 77;
  to.partner_id = kVendorId;
  to.number = account;
  to.bic = kVendorBic;
  to.trusted = true;
  to.editor = "buchhaltung@example.com";
  erp->payables[id] = payable;
  return id;
}

ports::Actor& FakePeople::At(const std::string& id) {
  const auto it = std::ranges::find(all, id, &ports::Actor::principal_id);
  BOOST_REQUIRE_MESSAGE(it != all.end(), id);
  return *it;
}

int64_t OrderHarness::AddPayment(const std::string& total, const std::string& journal_code) {
  const int64_t id = erp->MakeForeignPayment(total, journal_code);
  ports::BookedPayment booked;
  booked.outgoing = true;
  booked.partner_id = kVendorId;
  booked.partner_name = "Muster Lieferant GmbH";
  ports::PayableAccount& to = booked.account.emplace();
  to.id = 77;
  to.partner_id = kVendorId;
  to.number = kVendorIban;
  to.bic = kVendorBic;
  to.trusted = true;
  to.editor = "buchhaltung@example.com";
  erp->booked_payments[id] = booked;
  return id;
}

CreateRequest OrderHarness::RequestForPayments(const std::vector<int64_t>& payments) {
  CreateRequest request = RequestFor({});
  request.odoo_payments = payments;
  return request;
}

void OrderHarness::PutChannel(const std::function<void(model::Channel&)>& change) {
  model::Channel channel;
  channel.id = "bch_house";
  channel.name = "house-bank";
  channel.kind = "directory";
  channel.settings = "{}";
  channel.state = model::ChannelState::kLive;
  change(channel);
  Store(*store, model::kChannelKind, channel, model::ChannelBody(channel), clock.Now());
}

void OrderHarness::PutAccount(const std::function<void(model::OwnAccount&)>& change) {
  model::OwnAccount account;
  account.id = "bac_main";
  account.name = "main-account";
  account.entity = "hamburg";
  account.iban = kOurIban;
  account.bic = "COBADEFFXXX";
  account.currency = *model::Currency::Parse("EUR");
  account.holder_name = "Hansekontor GmbH";
  account.journal_code = "BNK1";
  account.channel = "house-bank";
  account.dialect = "sepa-09";
  change(account);
  Store(*store, model::kOwnAccountKind, account, model::OwnAccountBody(account), clock.Now());
}

void OrderHarness::SetPolicy(const std::string& kind, const std::string& content) {
  const std::string request = StrCat("p-", ++requests);
  const auto proposed =
      policies->Propose(administrator, request, request, kind, content, "for a test");
  BOOST_REQUIRE_MESSAGE(proposed.ok(), proposed.status().ToString());
  const auto active = policies->Activate(second_administrator, proposed->id, proposed->digest);
  BOOST_REQUIRE_MESSAGE(active.ok(), active.status().ToString());
}

absl::StatusOr<ImportedList> OrderHarness::ImportList(const ports::Actor& actor,
                                                      const std::string& name,
                                                      const std::string& content) {
  ListImport request;
  request.request_id = StrCat("l-", ++requests);
  request.list = name;
  request.file_name = "list.xml";
  request.sha256 = crypto::Sha256(content).Hex();
  return lists->Import(actor, request, [&content] {
    return std::make_unique<formats::TextSource>(content);
  });
}

void OrderHarness::LoadList(const std::string& name, const std::string& content) {
  const auto imported = ImportList(administrator, name, content);
  BOOST_REQUIRE_MESSAGE(imported.ok(), imported.status().ToString());
  const auto active =
      policies->Activate(second_administrator, imported->policy_version, imported->policy_digest);
  BOOST_REQUIRE_MESSAGE(active.ok(), active.status().ToString());
}

CreateRequest OrderHarness::RequestFor(const std::vector<int64_t>& bills) {
  CreateRequest request;
  request.request_id = StrCat("o-", ++requests);
  request.digest = request.request_id;
  request.entity = "hamburg";
  request.account = "main-account";
  for (const int64_t bill : bills) request.bills.push_back({bill, std::nullopt});
  return request;
}

std::string OrderHarness::Create(const std::vector<int64_t>& bills) {
  const auto view = loop->Create(preparer, RequestFor(bills));
  BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
  Settle();
  return view->id;
}

void OrderHarness::ConfirmAll(const std::string& id) {
  const Json order = Order(id);
  for (const Json& payment : order["payments"]) {
    const std::string beneficiary = payment["beneficiary_id"];
    const auto found = loop->GetBeneficiary(approver, beneficiary);
    BOOST_REQUIRE_MESSAGE(found.ok(), found.status().ToString());
    const std::string digest = Json::parse(found->json)["digest"];
    const auto confirmed =
        loop->ConfirmBeneficiary(approver, beneficiary, digest, "called the vendor");
    BOOST_REQUIRE_MESSAGE(confirmed.ok(), confirmed.status().ToString());
  }
  Settle();
}

std::string OrderHarness::CreateReady(const std::vector<int64_t>& bills) {
  const std::string id = Create(bills);
  ConfirmAll(id);
  BOOST_REQUIRE_EQUAL(State(id), "AWAITING_APPROVAL");
  return id;
}

void OrderHarness::ApproveAll(const std::string& id) {
  const std::string digest = Digest(id);
  for (const ports::Actor& person : {approver, second_approver}) {
    const auto approved = loop->Approve(person, id, digest);
    BOOST_REQUIRE_MESSAGE(approved.ok(), approved.status().ToString());
  }
}

absl::Status OrderHarness::Release(const std::string& id) {
  return loop->Release(releasing, id, Digest(id)).status();
}

std::string OrderHarness::CreateReleased(const std::vector<int64_t>& bills) {
  const std::string id = CreateReady(bills);
  ApproveAll(id);
  const absl::Status released = Release(id);
  BOOST_REQUIRE_MESSAGE(released.ok(), released.ToString());
  return id;
}

std::string OrderHarness::CreateSubmitted(const std::vector<int64_t>& bills) {
  const std::string id = CreateReleased(bills);
  Settle();
  BOOST_REQUIRE_EQUAL(State(id), "SUBMITTED");
  return id;
}

void OrderHarness::Settle() {
  constexpr int kRoundsMax = 30;
  for (int round = 0; round < kRoundsMax; ++round) {
    try {
      BOOST_REQUIRE(loop->RunUntilIdle());
    } catch (const Crash&) {
      RestartLoop();
      continue;
    }
    BOOST_REQUIRE(engine->RunUntilIdle());
    if (round < 4) clock.Advance(absl::Seconds(2));
    if (round > 6) return;
  }
  BOOST_FAIL("the loop does not come to rest");
}

void OrderHarness::Wait(absl::Duration time) {
  clock.Advance(time);
  Settle();
}

Json OrderHarness::Order(const std::string& id) {
  const auto view = loop->Get(preparer, id, true);
  BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
  return Json::parse(view->json);
}

model::ExceptionCase OrderHarness::CaseOf(const std::string& id) {
  return ExceptionOf(Order(id).value("exception_id", ""));
}

model::ExceptionCase OrderHarness::LateCaseOf(const std::string& id) {
  return ExceptionOf(Order(id).value("deadline_exception_id", ""));
}

std::vector<std::string> OrderHarness::ReasonsIn(const model::ExceptionCase& exception) {
  std::vector<std::string> reasons;
  for (const model::Finding& finding : exception.findings) reasons.push_back(finding.reason);
  return reasons;
}

model::ExceptionCase OrderHarness::ExceptionOf(const std::string& exception_id) {
  std::optional<model::ExceptionCase> found;
  BOOST_REQUIRE(store
                    ->Read([&](ports::ReadView& view) -> absl::Status {
                      KONTOR_ASSIGN_OR_RETURN(found, view.FindException(exception_id));
                      return absl::OkStatus();
                    })
                    .ok());
  BOOST_REQUIRE_MESSAGE(found.has_value(), "there is no exception '" << exception_id << "'");
  return *found;
}

std::vector<std::string> OrderHarness::ReasonsOf(const std::string& id) {
  std::vector<std::string> reasons;
  for (const Json& finding : Order(id).value("findings", Json::array())) {
    if (finding["severity"] == "SEVERITY_ERROR") reasons.push_back(finding["reason"]);
  }
  return reasons;
}

bool OrderHarness::Told(const std::string& id, const std::string& event) {
  const auto types = EventTypes(id);
  return std::ranges::find(types, event) != types.end();
}

void OrderHarness::Tamper(const std::string& id,
                          const std::function<void(ports::FlowRow&)>& change) {
  BOOST_REQUIRE(store
                    ->Commit([&](ports::Unit& unit) -> absl::Status {
                      KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
                      change(*row);
                      return unit.PutFlow(*row);
                    })
                    .ok());
}

std::string OrderHarness::StatusFile(const std::string& id, const std::string& group,
                                     const std::vector<StatusWord>& words) {
  const std::string message_id = Order(id)["message_id"];
  std::string out = StrCat(
      R"(<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:)",
      R"(pain.002.001.03"><CstmrPmtStsRpt><GrpHdr><MsgId>S)", ++status_files,
      "</MsgId><CreDtTm>2026-11-28T12:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>",
      message_id, "</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>");
  const auto reason = [](const std::string& code) {
    return code.empty() ? std::string()
                        : StrCat("<StsRsnInf><Rsn><Cd>", code, "</Cd></Rsn></StsRsnInf>");
  };
  if (!group.empty()) base::StrAppend(&out, "<GrpSts>", group, "</GrpSts>");
  for (const StatusWord& word : words) {
    if (word.end_to_end_id.empty()) base::StrAppend(&out, reason(word.reason));
  }
  base::StrAppend(&out, "</OrgnlGrpInfAndSts>");
  bool open = false;
  for (const StatusWord& word : words) {
    if (word.end_to_end_id.empty()) continue;
    if (!open) {
      base::StrAppend(&out, "<OrgnlPmtInfAndSts><OrgnlPmtInfId>", message_id,
                      "-B1</OrgnlPmtInfId>");
    }
    open = true;
    base::StrAppend(&out, "<TxInfAndSts><OrgnlEndToEndId>", word.end_to_end_id,
                    "</OrgnlEndToEndId><TxSts>", word.status, "</TxSts>", reason(word.reason),
                    "</TxInfAndSts>");
  }
  return StrCat(out, open ? "</OrgnlPmtInfAndSts>" : "", "</CstmrPmtStsRpt></Document>");
}

absl::Status OrderHarness::TakeStatus(const std::string& id, const std::string& group,
                                      const std::vector<StatusWord>& words,
                                      const std::string& channel) {
  const std::string text = StatusFile(id, group, words);
  formats::TextSource source(text);
  return loop->OnStatusFile(StrCat("blb_", status_files), channel, source);
}

ports::Booking OrderHarness::BookingOf(const std::string& id, size_t index) {
  const Json payment = Payment(id, index);
  ports::Booking booking;
  booking.statement_id = "stm_1";
  booking.line_key = StrCat("key-", id, "-", index);
  booking.account_iban = kOurIban;
  booking.end_to_end_id = payment["end_to_end_id"];
  booking.amount = *model::Money::Parse("EUR", payment["amount"]["value"].get<std::string>());
  booking.booking_date = booking.value_date = model::Date::Of(clock.Now());
  return booking;
}

}  // namespace kontor::payment_orders::testing
