// SPDX-License-Identifier: Apache-2.0
// A client's stream over real gRPC: only a file whose last piece says so is one.
#include <grpcpp/grpcpp.h>

#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>

#include "kontor/v1/statement.grpc.pb.h"
#include "server/api/internal/upload_reactor.h"

namespace kontor::api::internal {
namespace {

using ::kontor::v1::LintFileRequest;
using ::kontor::v1::LintFileResponse;

class AnyoneMay final : public Gate {
 public:
  absl::Status answer;
  absl::StatusOr<Call> Admit(const CallFacts& facts) override {
    if (!answer.ok()) return answer;
    Call call;
    call.facts = facts;
    return call;
  }
};

/// How many uploads the server has opened, waited for without guessing how long that takes.
class Opened {
 public:
  void Count() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  void WaitFor(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

/// Answers how many bytes came, and the head's dialect as subject.
class Counting final : public ::kontor::v1::StatementService::CallbackService {
 public:
  Counting(Pipeline& pipeline, FileThreads& threads) : pipeline_(pipeline), threads_(threads) {}
  grpc::ServerReadReactor<LintFileRequest>* LintFile(grpc::CallbackServerContext* context,
                                                     LintFileResponse* response) override {
    auto* const upload = new UploadReactor<LintFileRequest, LintFileResponse>(
        pipeline_, threads_, FactsOf(*context, "kontor.v1.StatementService/LintFile"), response,
        [this](const Call&, const LintFileRequest& head, const Spool& spool,
               LintFileResponse* answer) {
          ++runs;
          answer->set_size_bytes(spool.bytes());
          answer->set_subject(head.dialect());
          return absl::OkStatus();
        });
    opened.Count();  // it has entered, or was refused
    return upload;
  }
  std::atomic<int> runs{0};
  Opened opened;

 private:
  Pipeline& pipeline_;
  FileThreads& threads_;
};

struct Line {
  Line()
      : pipeline(Registry(), gate, clock, PipelineSettings{1, 16}, [](const CallRecord&) {}),
        threads(UploadLimits{"/tmp", 5'000'000, 2, 2}),
        service(pipeline, threads) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    stub = ::kontor::v1::StatementService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  }
  ~Line() {
    server->Shutdown();
    server->Wait();
  }
  static LintFileRequest Piece(const std::string& chunk, bool last) {
    LintFileRequest piece;
    piece.set_chunk(chunk);
    piece.set_last(last);
    return piece;
  }
  grpc::Status Send(const std::vector<LintFileRequest>& pieces) {
    grpc::ClientContext context;
    const auto writer = stub->LintFile(&context, &response);
    for (const LintFileRequest& piece : pieces) {
      if (!writer->Write(piece)) break;
    }
    writer->WritesDone();
    return writer->Finish();
  }

  base::SystemClock clock;
  AnyoneMay gate;
  Pipeline pipeline;
  FileThreads threads;
  Counting service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<::kontor::v1::StatementService::Stub> stub;
  LintFileResponse response;
};

BOOST_FIXTURE_TEST_SUITE(uploads, Line)

BOOST_AUTO_TEST_CASE(pieces_make_a_file_with_the_head_of_the_first) {
  LintFileRequest first = Piece("abc", false);
  first.set_dialect("sepa-09");
  LintFileRequest second = Piece(std::string(1'000'000, 'x'), false);
  second.set_dialect("ignored");
  BOOST_TEST(Send({first, second, Piece("", true)}).ok());
  BOOST_TEST(response.size_bytes() == 1'000'003);
  BOOST_TEST(response.subject() == "sepa-09");
}

BOOST_AUTO_TEST_CASE(one_piece_may_be_first_and_last_and_empty) {
  BOOST_TEST(Send({Piece("", true)}).ok());
  BOOST_TEST(response.size_bytes() == 0);
}

BOOST_AUTO_TEST_CASE(a_stream_that_breaks_off_is_no_file) {
  for (const auto& pieces : {std::vector<LintFileRequest>{},
                             std::vector<LintFileRequest>{Piece("abc", false)}}) {
    const grpc::Status status = Send(pieces);
    BOOST_TEST((status.error_code() == grpc::StatusCode::INVALID_ARGUMENT));
    BOOST_TEST(status.error_message().find("broke off") != std::string::npos);
  }
  BOOST_TEST(service.runs == 0);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_away_leaves_nothing_behind) {
  {
    grpc::ClientContext context;
    const auto writer = stub->LintFile(&context, &response);
    BOOST_TEST(writer->Write(Piece("abc", false)));
    context.TryCancel();
    BOOST_TEST(!writer->Finish().ok());
  }
  BOOST_TEST(Send({Piece("abc", true)}).ok());
  BOOST_TEST(service.runs == 1);
}

BOOST_AUTO_TEST_CASE(what_comes_after_the_last_piece_is_refused) {
  BOOST_TEST(!Send({Piece("abc", true), Piece("def", false)}).ok());
  BOOST_TEST(service.runs == 0);
}

BOOST_AUTO_TEST_CASE(too_large_a_piece_and_too_large_a_file_are_refused) {
  const grpc::Status piece = Send({Piece(std::string(1'100'000, 'x'), true)});
  BOOST_TEST((piece.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED));
  const grpc::Status file =
      Send(std::vector<LintFileRequest>(6, Piece(std::string(1'000'000, 'x'), false)));
  BOOST_TEST((file.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED));
  BOOST_TEST(service.runs == 0);
}

BOOST_AUTO_TEST_CASE(who_may_not_call_sends_nothing) {
  gate.answer = absl::PermissionDeniedError("no");
  BOOST_TEST(!Send({Piece("abc", true)}).ok());
  BOOST_TEST(service.runs == 0);
}

BOOST_AUTO_TEST_CASE(more_uploads_than_allowed_are_told_to_wait) {
  grpc::ClientContext contexts[2];
  LintFileResponse answers[2];
  std::unique_ptr<grpc::ClientWriter<LintFileRequest>> open[2];
  for (int i = 0; i < 2; ++i) {
    open[i] = stub->LintFile(&contexts[i], &answers[i]);
    BOOST_REQUIRE(open[i]->Write(Piece("abc", false)));
  }
  service.opened.WaitFor(2);
  const grpc::Status third = Send({Piece("abc", true)});
  BOOST_TEST((third.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED));
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(open[i]->Write(Piece("d", true)));
    open[i]->WritesDone();
    BOOST_TEST(open[i]->Finish().ok());
    BOOST_TEST(answers[i].size_bytes() == 4);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::api::internal
