// SPDX-License-Identifier: Apache-2.0
// kontor's side: from the first byte of the upload until the file is read: kept with its hash, its
// lines told from those that are there, its sums proven, everything on disk. The other side: the
// same bytes in as many rows of one table, a thousand a transaction, equally durable.
#include "tests/bench/import.h"

#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/time/clock.h"
#include "kontor/v1/bank.grpc.pb.h"
#include "kontor/v1/statement.grpc.pb.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/bench/formats/statement_file.h"
#include "tests/bench/rounds.h"
#include "tests/bench/world.h"

namespace kontor::bench {
namespace {

namespace v1 = ::kontor::v1;
using base::StrCat;

constexpr char kOwnIban[] = "DE89370400440532013000";  // of the file that is made
constexpr char kChannelName[] = "house-bank";
constexpr int64_t kBytesALine = 1500;
constexpr int64_t kLinesATransaction = 1000;
constexpr size_t kPiece = size_t{1} << 20U;
constexpr absl::Duration kReadMost = absl::Minutes(10);
constexpr absl::Duration kLook = absl::Milliseconds(50);

absl::Status Failed(sqlite3* database) {
  return absl::InternalError(database == nullptr ? "SQLite" : sqlite3_errmsg(database));
}

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

absl::Status Say(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK ? absl::OkStatus()
                                                                             : Failed(database);
}

absl::StatusOr<std::string> TextOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in && !in.eof()) return absl::InternalError("the made file cannot be read");
  return text;
}

/// Lines a second of bare inserts.
absl::StatusOr<double> BareRound(const std::string& path, const std::string& text,
                                 int64_t lines) {
  sqlite3* opened = nullptr;
  const bool open = sqlite3_open(path.c_str(), &opened) == SQLITE_OK;
  const std::unique_ptr<sqlite3, Close> database(opened);
  if (!open) return Failed(opened);
  KONTOR_RETURN_IF_ERROR(Say(opened, "pragma journal_mode=wal"));
  KONTOR_RETURN_IF_ERROR(Say(opened, "pragma synchronous=full"));
  KONTOR_RETURN_IF_ERROR(Say(opened, "create table lines (id integer primary key, body text)"));
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(opened, "insert into lines (body) values (?)", -1, &statement, nullptr) !=
      SQLITE_OK) {
    return Failed(opened);
  }
  const int64_t bytes = static_cast<int64_t>(text.size());
  const absl::Time start = absl::Now();
  absl::Status status = Say(opened, "begin");
  for (int64_t i = 0; i < lines && status.ok(); ++i) {
    const int64_t from = bytes * i / lines;
    const int64_t to = bytes * (i + 1) / lines;
    sqlite3_bind_text(statement, 1, text.data() + from, static_cast<int>(to - from),
                      SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) status = Failed(opened);
    sqlite3_reset(statement);
    if ((i + 1) % kLinesATransaction == 0 && status.ok()) status = Say(opened, "commit; begin");
  }
  status.Update(Say(opened, "commit"));
  const absl::Duration took = absl::Now() - start;
  sqlite3_finalize(statement);
  KONTOR_RETURN_IF_ERROR(status);
  return static_cast<double>(lines) / absl::ToDoubleSeconds(took);
}

absl::Status AddBank(Server& server, const People& people, const std::string& folder) {
  const auto stub = v1::BankService::NewStub(server.channel());
  v1::CreateBankChannelRequest channel;
  channel.set_request_id("channel");
  channel.mutable_channel()->set_name(kChannelName);
  channel.mutable_channel()->set_kind("directory");
  std::string settings = "{";
  for (const char* place : {"outbox", "inbox", "archive", "sent"}) {
    const std::string path = StrCat(folder, "/bank/", place);
    std::filesystem::create_directories(path);
    base::StrAppend(&settings, settings.size() > 1 ? "," : "", "\"", place, "\":\"", path, "\"");
  }
  channel.mutable_channel()->set_settings(settings + "}");
  v1::CreateBankChannelResponse made;
  grpc::ClientContext context;
  Authorize(&context, people.administrator);
  grpc::Status status = stub->CreateBankChannel(&context, channel, &made);
  if (!status.ok()) return StatusOf(status);
  v1::CreateBankAccountRequest request;
  request.set_request_id("account");
  v1::OwnAccount& account = *request.mutable_account();
  account.set_name("giro");
  account.set_entity(kEntity);
  account.set_iban(kOwnIban);
  account.set_currency_code("EUR");
  account.set_holder_name("Kontor Handelsgesellschaft mbH");
  account.set_journal_code("BNK1");
  account.set_channel(kChannelName);
  v1::CreateBankAccountResponse answer;
  grpc::ClientContext other;
  Authorize(&other, people.administrator);
  status = stub->CreateBankAccount(&other, request, &answer);
  return status.ok() ? absl::OkStatus() : StatusOf(status);
}

absl::StatusOr<v1::BankFile> Upload(v1::StatementService::Stub& stub, const People& people,
                                    const std::string& name, const std::string& text) {
  grpc::ClientContext context;
  Authorize(&context, people.submitter);
  v1::ImportStatementResponse response;
  const auto writer = stub.ImportStatement(&context, &response);
  v1::ImportStatementRequest piece;
  piece.set_file_name(name);
  piece.set_request_id(name);
  for (size_t at = 0; at < text.size(); at += kPiece) {
    piece.set_chunk(text.substr(at, kPiece));
    piece.set_last(at + kPiece >= text.size());
    if (!writer->Write(piece)) break;
    piece.Clear();
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return StatusOf(status);
  return response.file();
}

absl::StatusOr<v1::BankFile> AwaitRead(v1::StatementService::Stub& stub, const People& people,
                                       const std::string& id) {
  const absl::Time until = absl::Now() + kReadMost;
  while (absl::Now() < until) {
    grpc::ClientContext context;
    Authorize(&context, people.submitter);
    v1::ListBankFilesResponse response;
    const grpc::Status status = stub.ListBankFiles(&context, {}, &response);
    if (!status.ok()) return StatusOf(status);
    for (const v1::BankFile& file : response.files()) {
      if (file.id() != id || file.state() == v1::BankFile::STATE_RECEIVED) continue;
      return file;
    }
    absl::SleepFor(kLook);
  }
  return absl::DeadlineExceededError("the file is still not read");
}

absl::Status CheckStored(v1::StatementService::Stub& stub, const People& people,
                         const v1::BankFile& file, int64_t lines) {
  if (file.state() != v1::BankFile::STATE_READ || file.statement_ids_size() != 1) {
    return absl::InternalError(StrCat("the file was not read: ", file.ShortDebugString()));
  }
  v1::GetStatementRequest request;
  request.set_id(file.statement_ids(0));
  grpc::ClientContext context;
  Authorize(&context, people.submitter);
  v1::GetStatementResponse response;
  const grpc::Status status = stub.GetStatement(&context, request, &response);
  if (!status.ok()) return StatusOf(status);
  if (response.statement().proof().line_count() == lines) return absl::OkStatus();
  return absl::InternalError(
      StrCat("stored lines: ", response.statement().proof().line_count(), " of ", lines));
}

/// Lines a second from the upload until all of it is stored and proven.
absl::StatusOr<double> KontorRound(Server& server, const People& people, const std::string& name,
                                   const std::string& text, int64_t lines) {
  const auto stub = v1::StatementService::NewStub(server.channel());
  const absl::Time start = absl::Now();
  KONTOR_ASSIGN_OR_RETURN(const v1::BankFile uploaded, Upload(*stub, people, name, text));
  const absl::Duration sent = absl::Now() - start;
  KONTOR_ASSIGN_OR_RETURN(const v1::BankFile read, AwaitRead(*stub, people, uploaded.id()));
  const absl::Duration took = absl::Now() - start;
  KONTOR_RETURN_IF_ERROR(CheckStored(*stub, people, read, lines));
  std::printf("%s: %zu bytes, %lld lines; uploaded and kept after %.2f s, stored after %.2f s\n",
              name.c_str(), text.size(), static_cast<long long>(lines),
              absl::ToDoubleSeconds(sent), absl::ToDoubleSeconds(took));
  std::fflush(stdout);
  return static_cast<double>(lines) / absl::ToDoubleSeconds(took);
}

}  // namespace

absl::Status RunImport(const ImportOptions& options) {
  KONTOR_ASSIGN_OR_RETURN(const auto folder, Folder::Make(options.folder));
  const ServerOptions server_options{folder->path(), options.settings, false};
  KONTOR_ASSIGN_OR_RETURN(const auto server, Server::Start(server_options));
  KONTOR_ASSIGN_OR_RETURN(const People people, SetUp(*server, folder->path()));
  KONTOR_RETURN_IF_ERROR(AddBank(*server, people, folder->path()));
  std::printf("%s\n", MachineLine().c_str());
  std::vector<Round> rounds;
  for (int i = 0; i < options.rounds; ++i) {
    const std::string path = StrCat(folder->path(), "/statement.xml");
    // Each a little longer, and so another file with other lines of its own.
    const StatementFile made = WriteStatementFile(path, (options.lines + i) * kBytesALine);
    KONTOR_ASSIGN_OR_RETURN(const std::string text, TextOf(path));
    Round round;
    KONTOR_ASSIGN_OR_RETURN(
        round.baseline,
        BareRound(StrCat(folder->path(), "/bare-", i, ".db"), text, made.entries));
    KONTOR_ASSIGN_OR_RETURN(round.measured,
                            KontorRound(*server, people, StrCat("statement-", i, ".xml"), text,
                                        made.entries));
    std::printf("round %d: bare %.0f lines/s, kontor %.0f lines/s\n", i + 1, round.baseline,
                round.measured);
    rounds.push_back(round);
  }
  PrintRounds({"statement lines read, told apart, proven and stored, one file",
               "bare SQLite inserts of the same bytes (baseline)", "kontor", 0.30},
              rounds);
  return absl::OkStatus();
}

}  // namespace kontor::bench
