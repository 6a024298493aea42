// SPDX-License-Identifier: Apache-2.0
// Ranges, watches and bulk calls over a mock: pages, breaks, resuming, windows, refusals.
#include <boost/test/unit_test.hpp>

#include "kontor/sdk/event_client.h"
#include "kontor/sdk/invoice_client.h"
#include "tests/unit/sdk/support.h"

namespace kontor::sdk_test {
namespace {

using absl::StatusCode;
using sdk_mocks::FakeStream;
using sdk_mocks::MockConnection;

constexpr char kWatch[] = "/kontor.v1.EventService/WatchEvents";
constexpr char kBulk[] = "/kontor.v1.InvoiceService/StreamInvoices";

std::unique_ptr<v1::WatchEventsResponse> EventAt(int64_t sequence) {
  auto response = std::make_unique<v1::WatchEventsResponse>();
  response->set_sequence(sequence);
  response->mutable_event()->set_sequence(sequence);
  return response;
}

std::unique_ptr<v1::WatchEventsResponse> SignOfLife(int64_t sequence) {
  auto response = std::make_unique<v1::WatchEventsResponse>();
  response->set_sequence(sequence);
  return response;
}

/// A stream that counts on from the request's after_sequence, `count` events long.
std::unique_ptr<sdk::MessageStream> Counting(int count, absl::Status end) {
  auto sent = std::make_shared<int>(0);
  return std::make_unique<FakeStream>(
      [sent, count](const std::vector<std::string>& written)
          -> std::unique_ptr<google::protobuf::Message> {
        v1::WatchEventsRequest request;
        request.ParseFromString(written.at(0));
        if (++*sent > count) return nullptr;
        return EventAt(request.after_sequence() + *sent);
      },
      std::move(end));
}

/// Accepts what is written, in order, `count` items long; item "bad" is refused.
std::unique_ptr<sdk::MessageStream> Accepting(int count, absl::Status end, int64_t skew = 0) {
  auto answered = std::make_shared<size_t>(0);
  return std::make_unique<FakeStream>(
      [=](const std::vector<std::string>& written) -> std::unique_ptr<google::protobuf::Message> {
        if (*answered >= written.size() || static_cast<int>(*answered) >= count) return nullptr;
        v1::StreamInvoicesRequest request;
        request.ParseFromString(written[*answered]);
        auto response = std::make_unique<v1::StreamInvoicesResponse>();
        response->set_index(static_cast<int64_t>(*answered) + skew);
        response->mutable_result()->set_request_id(request.item().request_id());
        if (request.item().request_id() == "bad") {
          *response->mutable_result()->mutable_error() = sdk::DetailFrom(
              sdk::MakeError(StatusCode::kInvalidArgument, "LINES_MISSING", "no lines"));
        } else {
          response->mutable_result()->mutable_response();
        }
        ++*answered;
        return response;
      },
      std::move(end));
}

sdk::InvoiceSource Items(int count, int bad = -1) {
  auto next = std::make_shared<int>(0);
  return [=]() -> std::optional<v1::CreateInvoiceRequest> {
    if (*next >= count) return std::nullopt;
    v1::CreateInvoiceRequest request;
    if (*next == bad) request.set_request_id("bad");
    ++*next;
    return request;
  };
}

struct Sink {
  sdk::InvoiceSink Function() {
    return [this](int64_t index, const v1::CreateInvoiceResult& result) {
      BOOST_TEST(index == static_cast<int64_t>(ids.size()));
      ids.push_back(result.request_id());
    };
  }
  std::vector<std::string> ids;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ranges)

BOOST_AUTO_TEST_CASE(a_range_goes_over_all_pages) {
  const auto mock = std::make_shared<MockConnection>();
  mock->On([](const v1::ListInvoicesRequest& request) -> absl::StatusOr<v1::ListInvoicesResponse> {
    BOOST_TEST(request.entity() == "de");
    v1::ListInvoicesResponse page;
    page.add_invoices()->set_id("inv_" + request.page_token() + "a");
    if (request.page_token() == "2") return page;
    page.set_next_page_token(request.page_token().empty() ? "1" : "2");
    return page;
  });
  v1::ListInvoicesRequest request;
  request.set_entity("de");
  std::vector<std::string> ids;
  for (auto& invoice : sdk::InvoiceClient(mock).ListInvoices(request)) {
    BOOST_REQUIRE(invoice.ok());
    ids.push_back(invoice->id());
  }
  const std::vector<std::string> want = {"inv_a", "inv_1a", "inv_2a"};
  BOOST_TEST(ids == want, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_empty_list_has_no_elements) {
  const auto mock = std::make_shared<MockConnection>();
  mock->On([](const v1::ListInvoicesRequest&) -> absl::StatusOr<v1::ListInvoicesResponse> {
    return v1::ListInvoicesResponse();
  });
  auto range = sdk::InvoiceClient(mock).ListInvoices({});
  BOOST_TEST((range.begin() == range.end()));
}

BOOST_AUTO_TEST_CASE(a_page_that_fails_is_the_last_element) {
  const auto mock = std::make_shared<MockConnection>();
  mock->On([](const v1::ListInvoicesRequest& request) -> absl::StatusOr<v1::ListInvoicesResponse> {
    if (!request.page_token().empty()) return absl::UnavailableError("away");
    v1::ListInvoicesResponse page;
    page.add_invoices();
    page.set_next_page_token("1");
    return page;
  });
  std::vector<bool> oks;
  for (auto& invoice : sdk::InvoiceClient(mock).ListInvoices({})) oks.push_back(invoice.ok());
  BOOST_TEST((oks == std::vector<bool>{true, false}));
}

BOOST_AUTO_TEST_CASE(a_server_that_repeats_its_token_does_not_make_an_endless_range) {
  const auto mock = std::make_shared<MockConnection>();
  mock->On([](const v1::ListInvoicesRequest&) -> absl::StatusOr<v1::ListInvoicesResponse> {
    v1::ListInvoicesResponse page;
    page.add_invoices();
    page.set_next_page_token("same");
    return page;
  });
  int count = 0;
  for (auto& invoice : sdk::InvoiceClient(mock).ListInvoices({})) count += invoice.ok() ? 1 : 0;
  BOOST_TEST(count == 2);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(watches)

BOOST_AUTO_TEST_CASE(a_watch_goes_on_behind_the_last_sequence_after_each_kind_of_break) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kWatch, Counting(2, absl::UnavailableError("cut")));
  mock->OnOpen(kWatch, Counting(1, absl::OkStatus()));
  mock->OnOpen(kWatch, Counting(2, absl::UnavailableError("cut")));
  v1::WatchEventsRequest request;
  request.set_after_sequence(40);
  auto watch = sdk::EventClient(mock).WatchEvents(request);
  for (int64_t want = 41; want <= 45; ++want) {
    const auto next = watch.Next();
    BOOST_REQUIRE(next.ok());
    BOOST_TEST(next->event().sequence() == want);
    BOOST_TEST(watch.sequence() == want);
  }
}

BOOST_AUTO_TEST_CASE(signs_of_life_move_the_place_and_are_not_answered) {
  const auto mock = std::make_shared<MockConnection>();
  auto step = std::make_shared<int>(0);
  mock->OnOpen(kWatch, std::make_unique<FakeStream>(
                           [step](const auto&) -> std::unique_ptr<google::protobuf::Message> {
                             ++*step;
                             if (*step == 1) return SignOfLife(70);
                             return nullptr;
                           },
                           absl::UnavailableError("cut")));
  mock->OnOpen(kWatch, Counting(1, absl::OkStatus()));
  v1::WatchEventsRequest request;
  request.set_after_sequence(-1);
  auto watch = sdk::EventClient(mock).WatchEvents(request);
  const auto next = watch.Next();
  BOOST_REQUIRE(next.ok());
  BOOST_TEST(next->event().sequence() == 71);
}

BOOST_AUTO_TEST_CASE(a_watch_gives_up_when_the_policy_does_and_stays_so) {
  const auto mock = std::make_shared<MockConnection>();
  auto watch = sdk::EventClient(mock).WatchEvents({});
  BOOST_TEST(watch.Next().status().code() == StatusCode::kUnavailable);
  const size_t opened = mock->Methods().size();
  BOOST_TEST(opened == 6U);
  BOOST_TEST(watch.Next().status().code() == StatusCode::kUnavailable);
  BOOST_TEST(mock->Methods().size() == opened);
}

BOOST_AUTO_TEST_CASE(a_refused_watch_is_not_repeated) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kWatch, Counting(0, absl::PermissionDeniedError("no")));
  auto watch = sdk::EventClient(mock).WatchEvents({});
  BOOST_TEST(watch.Next().status().code() == StatusCode::kPermissionDenied);
  BOOST_TEST(mock->Methods().size() == 1U);
}

BOOST_AUTO_TEST_CASE(waiting_for_a_server_that_is_away_ends_with_the_callers_time) {
  const auto mock = std::make_shared<MockConnection>();
  auto watch = sdk::EventClient(mock).WatchEvents({});
  BOOST_TEST(watch.Next(absl::Milliseconds(20)).status().code() ==
             StatusCode::kDeadlineExceeded);
}

BOOST_AUTO_TEST_CASE(a_cancelled_watch_says_so) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kWatch, Counting(9, absl::OkStatus()));
  auto watch = sdk::EventClient(mock).WatchEvents({});
  BOOST_TEST(watch.Next().ok());
  watch.Cancel();
  BOOST_TEST(watch.Next().status().code() == StatusCode::kCancelled);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(bulk)

BOOST_AUTO_TEST_CASE(every_item_is_answered_once_and_in_order) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kBulk, Accepting(1000, absl::OkStatus()));
  Sink sink;
  std::vector<sdk::BulkProgress> reports;
  sdk::BulkOptions options;
  options.total = 1000;
  options.on_progress = [&](const sdk::BulkProgress& progress) { reports.push_back(progress); };
  const auto outcome =
      sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(1000), sink.Function(), options);
  BOOST_TEST(outcome.status.ok());
  BOOST_TEST(outcome.progress.accepted == 1000);
  BOOST_TEST(outcome.progress.sent == 1000);
  BOOST_TEST(sink.ids.size() == 1000U);
  BOOST_REQUIRE(!reports.empty());
  BOOST_TEST(reports.back().answered() == 1000);
  BOOST_TEST(reports.back().total == 1000);
}

BOOST_AUTO_TEST_CASE(no_items_open_no_stream) {
  const auto mock = std::make_shared<MockConnection>();
  const auto outcome = sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(0), {});
  BOOST_TEST(outcome.status.ok());
  BOOST_TEST(mock->Methods().empty());
}

BOOST_AUTO_TEST_CASE(a_refused_item_does_not_keep_back_the_others) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kBulk, Accepting(10, absl::OkStatus()));
  Sink sink;
  const auto outcome = sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(10, 4), sink.Function());
  BOOST_TEST(outcome.status.ok());
  BOOST_TEST(outcome.progress.accepted == 9);
  BOOST_TEST(outcome.progress.refused == 1);
  BOOST_TEST(sink.ids[4] == "bad");
}

BOOST_AUTO_TEST_CASE(the_first_refusal_stops_the_source_when_asked) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kBulk, Accepting(1000, absl::OkStatus()));
  sdk::BulkOptions options;
  options.in_flight_max = 1;
  options.stop_at_refusal = true;
  Sink sink;
  const auto outcome =
      sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(1000, 2), sink.Function(), options);
  BOOST_TEST(outcome.status.ok());
  BOOST_TEST(outcome.progress.answered() == 3);
}

BOOST_AUTO_TEST_CASE(after_a_break_only_the_unanswered_are_sent_again_under_their_old_ids) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kBulk, Accepting(3, absl::UnavailableError("cut")));
  mock->OnOpen(kBulk, Accepting(0, absl::UnavailableError("cut")));
  mock->OnOpen(kBulk, Accepting(100, absl::OkStatus()));
  Sink sink;
  const auto outcome = sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(10), sink.Function());
  BOOST_TEST(outcome.status.ok());
  BOOST_TEST(outcome.progress.accepted == 10);
  std::set<std::string> different(sink.ids.begin(), sink.ids.end());
  BOOST_TEST(different.size() == 10U);
}

BOOST_AUTO_TEST_CASE(a_call_that_gives_up_says_how_far_it_came) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kBulk, Accepting(3, absl::UnavailableError("cut")));
  Sink sink;
  const auto outcome = sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(10), sink.Function());
  BOOST_TEST(outcome.status.code() == StatusCode::kUnavailable);
  BOOST_TEST(outcome.progress.answered() == 3);
}

BOOST_AUTO_TEST_CASE(how_a_stream_ends_does_not_matter_once_all_is_answered) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kBulk, Accepting(10, absl::InternalError("late")));
  const auto outcome = sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(10), {});
  BOOST_TEST(outcome.status.ok());
  BOOST_TEST(outcome.progress.accepted == 10);
}

BOOST_AUTO_TEST_CASE(an_answer_for_another_item_ends_the_call) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kBulk, Accepting(10, absl::OkStatus(), 1));
  const auto outcome = sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(10), {});
  BOOST_TEST(outcome.status.code() == StatusCode::kInternal);
  BOOST_TEST(outcome.progress.answered() == 0);
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_refused_is_not_repeated) {
  const auto mock = std::make_shared<MockConnection>();
  mock->OnOpen(kBulk, Accepting(0, absl::UnauthenticatedError("no")));
  const auto outcome = sdk::InvoiceClient(mock).CreateInvoicesInBulk(Items(10), {});
  BOOST_TEST(outcome.status.code() == StatusCode::kUnauthenticated);
  BOOST_TEST(mock->Methods().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace kontor::sdk_test
