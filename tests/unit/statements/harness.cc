// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/statements/harness.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"
#include "server/formats/codec.h"
#include "server/formats/streams.h"

namespace kontor::statements::testing {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;

/// Seals by naming what it is bound to; digests are real.
class PlainCrypto final : public ports::Crypto {
 public:
  std::string Seal(std::string_view plain, std::string_view associated) const override {
    return StrCat(associated, "|", plain);
  }
  absl::StatusOr<std::string> Open(std::string_view sealed,
                                   std::string_view associated) const override {
    const std::string head = StrCat(associated, "|");
    if (!sealed.starts_with(head)) return Error(Reason::kSealBroken);
    return std::string(sealed.substr(head.size()));
  }
  std::string LookupHash(std::string_view plain) const override { return Sha256Hex(plain); }
  std::string Sha256Hex(std::string_view bytes) const override {
    return crypto::Sha256(bytes).Hex();
  }
  void Random(uint8_t* bytes, size_t count) const override {
    for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(++last_);
  }

 private:
  mutable std::atomic<uint8_t> last_{0};
};

std::filesystem::path FreshFolder() {
  static std::atomic<int> count{0};
  const std::filesystem::path shared = "/dev/shm";
  const auto path = (std::filesystem::is_directory(shared)
                         ? shared
                         : std::filesystem::temp_directory_path()) /
                    StrCat("kontor-statements-", static_cast<int64_t>(::getpid()), "-", count++);
  std::filesystem::create_directories(path);
  return path;
}

std::string Amount(int64_t minor) {
  const int64_t whole = std::abs(minor);
  const std::string cents = StrCat(whole % 100 < 10 ? "0" : "", whole % 100);
  return StrCat(whole / 100, ",", cents);
}

std::string Day(int day) { return StrCat("2603", day < 10 ? "0" : "", day); }

std::string Mark(int64_t minor) { return minor < 0 ? "D" : "C"; }

}  // namespace

int64_t Mt::closing() const {
  int64_t sum = opening;
  for (const auto& [amount, reference] : lines) sum += amount;
  return sum + wrong_by;
}

std::string Mt::Text() const {
  std::string out = StrCat(":20:K", number, note, "\n:25:", account, "\n:28C:", number, "\n:60F:",
                           Mark(opening), Day(day), "EUR", Amount(opening), "\n");
  for (const auto& [amount, reference] : lines) {
    base::StrAppend(&out, ":61:", Day(day), Day(day).substr(2), Mark(amount), Amount(amount),
                    "NTRF", reference.starts_with("E2E") ? reference : "NONREF",
                    reference.empty() || reference.starts_with("E2E") ? ""
                                                                      : StrCat("//", reference),
                    "\n:86:", reference.starts_with("E2E") ? StrCat("166?20EREF+", reference)
                                                          : "166?20Text",
                    "\n");
  }
  return StrCat(out, ":62F:", Mark(closing()), Day(day), "EUR", Amount(closing()), "\n-\n");
}

absl::Status FakeBooks::Under(const std::function<void()>& effect) {
  ++calls;
  Trouble now = Trouble::kNone;
  if (!trouble.empty()) {
    now = trouble.front();
    trouble.pop_front();
  }
  switch (now) {
    case Trouble::kNone: effect(); return absl::OkStatus();
    case Trouble::kNotSent:
      return Error(Reason::kOdooUnreachable).Happened(Outcome::kNotApplied).Says("not sent");
    case Trouble::kRefused:
      return Error(Reason::kOdooRefused).Happened(Outcome::kRefused).Says("Odoo says no");
    case Trouble::kLostAfter: effect(); break;
    case Trouble::kLostBefore: break;
  }
  return Error(Reason::kPeerAnswerLost).Says("the answer was lost");
}

absl::StatusOr<std::vector<model::ErpRecord>> FakeBooks::CreateStatementLines(
    int64_t, const model::Catalogue&, const std::string& journal,
    std::span<const ports::StatementLineDraft> drafts, absl::Time) {
  BOOST_TEST(journal == "BNK1");
  std::vector<model::ErpRecord> out;
  KONTOR_RETURN_IF_ERROR(Under([&] {
    for (const ports::StatementLineDraft& draft : drafts) {
      lines.emplace(draft.external_id, draft);
      const auto id = ids_.emplace(draft.external_id, static_cast<int64_t>(ids_.size()) + 1);
      out.push_back({"account.bank.statement.line", id.first->second,
                     StrCat("BNK1/", id.first->second)});
    }
  }));
  return out;
}

absl::StatusOr<model::ErpRecord> FakeBooks::CreateStatement(int64_t,
                                                            const ports::StatementDraft& draft,
                                                            absl::Time) {
  KONTOR_RETURN_IF_ERROR(Under([&] {
    if (!statements.emplace(draft.external_id, draft).second) return;
    statement_closings.push_back(draft.closing.value_or(base::Decimal()));
  }));
  return model::ErpRecord{"account.bank.statement", static_cast<int64_t>(statements.size()),
                          draft.name};
}

absl::Status FakeBooks::SettleStatementLine(int64_t, const model::Catalogue&,
                                            const ports::StatementLineSettlement& settlement,
                                            absl::Time) {
  if (refuses_settling) {
    return Error(Reason::kStateConflict).Happened(Outcome::kRefused).Says("matched by somebody");
  }
  return Under([&] { settled.push_back(settlement); });
}

std::vector<ports::StatementLineSeen> FakeBooks::Seen() const {
  std::vector<ports::StatementLineSeen> all = foreign;
  for (const auto& [name, draft] : lines) {
    if (deleted.contains(name)) continue;
    const int64_t id = ids_.at(name);
    ports::StatementLineSeen seen{{"account.bank.statement.line", id, StrCat("BNK1/", id)},
                                  name, "BNK1", draft.date, draft.amount, "posted"};
    if (const auto edit = edits.find(name); edit != edits.end()) edit->second(seen);
    all.push_back(std::move(seen));
  }
  std::ranges::sort(all, {}, [](const auto& line) { return line.record.id; });
  return all;
}

absl::StatusOr<ports::StatementLinePage> FakeBooks::ReadStatementLines(
    int64_t, const model::Catalogue&, const std::string& journal, const base::Date& from,
    const base::Date& to, int64_t after_id, int limit, absl::Time) {
  ports::StatementLinePage page;
  for (ports::StatementLineSeen& line : Seen()) {
    const bool wanted = line.journal_code == journal && line.date >= from && line.date <= to &&
                        line.record.id > after_id;
    if (!wanted) continue;
    page.more = static_cast<int>(page.lines.size()) == limit;
    if (page.more) break;
    page.next_id = line.record.id;
    page.lines.push_back(std::move(line));
  }
  return page;
}

absl::StatusOr<std::vector<ports::StatementLineSeen>> FakeBooks::FindStatementLines(
    int64_t, const model::Catalogue&, const std::vector<int64_t>& ids, absl::Time) {
  std::vector<ports::StatementLineSeen> found = Seen();
  std::erase_if(found, [&](const auto& line) {
    return std::ranges::find(ids, line.record.id) == ids.end();
  });
  return found;
}

absl::StatusOr<std::vector<ports::StatementSeen>> FakeBooks::FindStatements(
    int64_t, const std::vector<int64_t>& ids, absl::Time) {
  std::vector<ports::StatementSeen> found;
  for (const int64_t id : ids) {
    if (deleted_statements.contains(id)) continue;
    // Ids were given in the order in which the statements were made.
    const auto closing = statement_closings.at(static_cast<size_t>(id) - 1);
    ports::StatementSeen seen{id, closing, closing};
    if (const auto edit = statement_edits.find(id); edit != statement_edits.end()) {
      edit->second(seen);
    }
    found.push_back(seen);
  }
  return found;
}

int64_t FakeBooks::Sum() const {
  int64_t sum = 0;
  for (const auto& [id, line] : lines) sum += line.amount.minor();
  return sum;
}

absl::StatusOr<std::optional<ports::BookingMatch>> FakeOrders::OnBooking(
    const ports::Booking& booking) {
  bookings.push_back(booking);
  const auto it = matches.find(booking.end_to_end_id);
  if (it == matches.end()) return std::optional<ports::BookingMatch>();
  return std::optional(it->second);
}

absl::Status FakeOrders::OnBookingRevoked(const ports::Booking& booking) {
  revoked.push_back(booking);
  return absl::OkStatus();
}

absl::Status FakeOrders::OnStatusFile(const std::string& blob_id, std::string_view,
                                      ports::ByteSource& source) {
  std::string piece(100, '\0');
  BOOST_TEST(source.Read(piece).value() > 0U);
  status_files.push_back(blob_id);
  return status_answer;
}

absl::StatusOr<std::vector<ports::IncomingFile>> FakeChannel::Poll(int) {
  KONTOR_RETURN_IF_ERROR(poll_answer);
  std::vector<ports::IncomingFile> out;
  for (const auto& [name, text] : inbox) {
    out.push_back({name, name, static_cast<int64_t>(text.size()), absl::UnixEpoch()});
  }
  return out;
}

absl::StatusOr<std::unique_ptr<ports::ByteSource>> FakeChannel::Open(
    const ports::IncomingFile& file) {
  return std::unique_ptr<ports::ByteSource>(
      std::make_unique<formats::TextSource>(inbox.at(file.name)));
}

absl::Status FakeChannel::Done(const ports::IncomingFile& file) {
  KONTOR_RETURN_IF_ERROR(done_answer);
  inbox.erase(file.name);
  return absl::OkStatus();
}

Harness::Harness()
    : crypto(std::make_unique<PlainCrypto>()),
      // A Wednesday.
      clock(absl::FromCivil(absl::CivilSecond(2026, 3, 11, 12, 0, 0), absl::UTCTimeZone())),
      ids(clock, base::SeededRandom(7)),
      folder(FreshFolder()),
      codec(formats::MakeBankCodec()) {
  store::StoreSettings settings;
  settings.url = StrCat("sqlite:", (folder / "kontor.db").string());
  auto opened = store::OpenStore(settings, *crypto, clock);
  BOOST_REQUIRE_MESSAGE(opened.ok(), opened.status().ToString());
  store = *std::move(opened);
  model::Journal journal;
  journal.id = 7;
  journal.code = "BNK1";
  journal.type = model::JournalType::kBank;
  catalogue->journals.push_back(journal);
  AddAccount("bac_main", kIban, "hamburg");
  operator_.principal_id = "prn_operator";
  operator_.name = "operator";
  operator_.is_person = true;
  Restart();
}

Harness::~Harness() {
  loop.reset();
  store.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

void Harness::Restart() {
  loop.reset();
  Settings settings;
  settings.node = "node-1";
  settings.lines_a_unit = 3;
  settings.lines_a_call = 2;
  settings.lines_a_group_max = lines_a_group_max;
  Dependencies dependencies{
      *store, clock, ids, *crypto, *codec,
      [this](std::string_view, std::string_view,
             std::string_view) -> absl::StatusOr<std::shared_ptr<ports::BankChannel>> {
        return channel;
      },
      [this](const std::string&) -> absl::StatusOr<Book> {
        KONTOR_RETURN_IF_ERROR(book_answer);
        Book book;
        book.bank = &books;
        book.company_id = 1;
        book.connection = "main";
        book.catalogue = catalogue;
        book.shadow = shadow;
        return book;
      },
      &orders,
      &orders,
      {},
      [this](const char* name) {
        if (crash_at != name) return;
        crash_at.clear();
        throw Crash(name);
      },
      {}};
  loop = MakeStatements(std::move(dependencies), settings, false);
  BOOST_REQUIRE(loop->Start().ok());
}

void Harness::AddAccount(const std::string& id, const std::string& iban,
                         const std::string& entity) {
  model::OwnAccount account;
  account.id = id;
  account.name = id.substr(4);
  account.entity = entity;
  account.iban = iban;
  account.currency = *model::Currency::Parse("EUR");
  account.holder_name = "Hanse GmbH";
  account.journal_code = "BNK1";
  account.channel = "house-bank";
  BOOST_REQUIRE(store->Commit([&](ports::Unit& unit) {
                       ports::ObjectRow row;
                       row.kind = model::kOwnAccountKind;
                       row.id = account.id;
                       row.name = account.name;
                       row.body = model::OwnAccountBody(account);
                       row.created = row.updated = clock.Now();
                       return unit.PutObject(row);
                     }).ok());
}

void Harness::AddChannel(model::ChannelState state) {
  model::Channel made;
  made.id = "bch_house";
  made.name = "house-bank";
  made.kind = "directory";
  made.settings = "{}";
  made.state = state;
  BOOST_REQUIRE(store->Commit([&](ports::Unit& unit) {
                       ports::ObjectRow row;
                       row.kind = model::kChannelKind;
                       row.id = made.id;
                       row.name = made.name;
                       row.body = model::ChannelBody(made);
                       row.created = row.updated = clock.Now();
                       return unit.PutObject(row);
                     }).ok());
}

Json Harness::Import(const std::string& text, const std::string& name) {
  ImportRequest request;
  request.file_name = name;
  request.request_id = "r-1";
  request.sha256 = crypto->Sha256Hex(text);
  request.bytes = static_cast<int64_t>(text.size());
  std::string id;
  for (int tries = 0; id.empty() && tries < 3; ++tries) {
    try {
      formats::TextSource source(text);
      const auto imported = loop->Import(operator_, request, source);
      BOOST_REQUIRE_MESSAGE(imported.ok(), imported.status().ToString());
      id = imported->file.id;
    } catch (const Crash&) {
      Restart();
    }
  }
  Settle();
  return File(id);
}

void Harness::Settle() {
  constexpr int kRounds = 10;
  for (int i = 0; i < kRounds; ++i) {
    try {
      BOOST_REQUIRE(loop->RunUntilIdle());
      return;
    } catch (const Crash&) {
      Restart();
    }
  }
  BOOST_FAIL("the loop does not come to rest");
}

Json Harness::File(const std::string& id) {
  const auto listed = loop->ListFiles(operator_, Of(kFileKind), {500, ""});
  BOOST_REQUIRE(listed.ok());
  for (const View& view : listed->rows) {
    if (view.id == id) return Json::parse(view.json);
  }
  BOOST_FAIL("no such file");
  return Json();
}

Json Harness::Statement(const std::string& id) {
  const auto view = loop->GetStatement(operator_, id);
  BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
  return Json::parse(view->json);
}

Json Harness::Only(const Json& file) {
  BOOST_REQUIRE_EQUAL(file["statement_ids"].size(), 1U);
  return Statement(file["statement_ids"][0]);
}

std::vector<Json> Harness::Lines(const std::string& id) {
  std::vector<Json> lines;
  ports::Page page{2, ""};
  do {
    const auto listed = loop->ListLines(operator_, id, page);
    BOOST_REQUIRE(listed.ok());
    for (const View& view : listed->rows) lines.push_back(Json::parse(view.json));
    page.after = listed->next;
  } while (!page.after.empty());
  return lines;
}

std::vector<std::string> Harness::EventsOf(const std::string& subject) {
  std::vector<std::string> types;
  ports::EventFilter filter;
  filter.subject = subject;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       types.clear();
                       KONTOR_ASSIGN_OR_RETURN(const auto events, view.ListEvents(filter, 100));
                       for (const auto& event : events) types.push_back(event.type);
                       return absl::OkStatus();
                     }).ok());
  return types;
}

model::ExceptionCase Harness::CaseOf(const std::string& id) {
  model::ExceptionCase found;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       KONTOR_ASSIGN_OR_RETURN(const auto exception, view.FindException(id));
                       BOOST_REQUIRE(exception.has_value());
                       found = *exception;
                       return absl::OkStatus();
                     }).ok());
  return found;
}

void Harness::Resolve(const std::string& exception_id, model::Resolution resolution) {
  model::ExceptionCase exception = CaseOf(exception_id);
  exception.state = model::ExceptionState::kResolved;
  exception.proposed = resolution;
  BOOST_REQUIRE(store->Commit([&](ports::Unit& unit) {
                       return unit.PutException(exception);
                     }).ok());
  clock.Advance(absl::Minutes(1));
  Settle();
}

Json Harness::Cash() {
  const auto json = loop->CashPosition(operator_, "", "");
  BOOST_REQUIRE(json.ok());
  return Json::parse(*json);
}

}  // namespace kontor::statements::testing
