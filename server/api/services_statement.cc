// SPDX-License-Identifier: Apache-2.0
// Bank statements, what comes in pieces and what is asked; and the banks they are of.
#include "kontor/v1/bank.grpc.pb.h"
#include "kontor/v1/statement.grpc.pb.h"
#include "server/api/internal/services.h"
#include "server/api/internal/upload_reactor.h"
#include "server/api/statement_api.h"

namespace kontor::api::internal {
namespace {

using ::kontor::v1::ImportStatementRequest;
using ::kontor::v1::ImportStatementResponse;
using ::kontor::v1::LintFileRequest;
using ::kontor::v1::LintFileResponse;

class Statements final : public ::kontor::v1::StatementService::CallbackService {
 public:
  Statements(Pipeline& pipeline, const Parts& parts, const UploadLimits& limits)
      : pipeline_(pipeline), parts_(parts), threads_(limits) {}
  KONTOR_UNARY(StatementService, GetStatement)
  KONTOR_UNARY(StatementService, ListStatements)
  KONTOR_UNARY(StatementService, ListStatementLines)
  KONTOR_UNARY(StatementService, ListBankFiles)
  KONTOR_UNARY(StatementService, GetCashPosition)

  grpc::ServerReadReactor<ImportStatementRequest>* ImportStatement(
      grpc::CallbackServerContext* context, ImportStatementResponse* response) override {
    return new UploadReactor<ImportStatementRequest, ImportStatementResponse>(
        pipeline_, threads_, FactsOf(*context, "kontor.v1.StatementService/ImportStatement"),
        response,
        [this](const Call& call, const ImportStatementRequest& head, const Spool& spool,
               ImportStatementResponse* answer) {
          const auto bytes = spool.Open();
          return ImportUpload(*parts_.statements, call, parts_.clock, head,
                              {bytes.get(), spool.bytes(), spool.sha256()}, answer);
        });
  }

  grpc::ServerReadReactor<LintFileRequest>* LintFile(grpc::CallbackServerContext* context,
                                                     LintFileResponse* response) override {
    return new UploadReactor<LintFileRequest, LintFileResponse>(
        pipeline_, threads_, FactsOf(*context, "kontor.v1.StatementService/LintFile"), response,
        [](const Call&, const LintFileRequest& head, const Spool& spool,
           LintFileResponse* answer) {
          answer->set_size_bytes(spool.bytes());
          answer->set_sha256(spool.sha256());
          return LintUpload(head, *spool.Open(), answer);
        });
  }

 private:
  Pipeline& pipeline_;
  Parts parts_;
  FileThreads threads_;
};

class Banks final : public ::kontor::v1::BankService::CallbackService {
 public:
  explicit Banks(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(BankService, CreateBankChannel)
  KONTOR_UNARY(BankService, GetBankChannel)
  KONTOR_UNARY(BankService, ListBankChannels)
  KONTOR_UNARY(BankService, UpdateBankChannel)
  KONTOR_UNARY(BankService, SignBankChannel)
  KONTOR_UNARY(BankService, PauseBankChannel)
  KONTOR_UNARY(BankService, ResumeBankChannel)
  KONTOR_UNARY(BankService, CheckBankChannel)
  KONTOR_UNARY(BankService, StartBankOnboarding)
  KONTOR_UNARY(BankService, GetBankOnboarding)
  KONTOR_UNARY(BankService, CreateBankAccount)
  KONTOR_UNARY(BankService, GetBankAccount)
  KONTOR_UNARY(BankService, ListBankAccounts)
  KONTOR_UNARY(BankService, UpdateBankAccount)

 private:
  Pipeline& pipeline_;
};

}  // namespace

void AddStatementServices(Pipeline& pipeline, const Parts& parts, const GrpcSettings& settings,
                          Services* out) {
  if (parts.statements == nullptr) return;
  UploadLimits limits;
  limits.folder = settings.upload_folder;
  limits.bytes_max = settings.upload_bytes_max;
  limits.uploads_max = settings.uploads_max;
  limits.threads = settings.upload_threads;
  out->push_back(std::make_unique<Statements>(pipeline, parts, limits));
  out->push_back(std::make_unique<Banks>(pipeline));
}

}  // namespace kontor::api::internal
