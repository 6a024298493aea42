// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/http_loop.h"

#include <curl/curl.h>

#include <memory>

#include "absl/time/clock.h"
#include "server/base/strings.h"

namespace kontor::bench {
namespace {

constexpr int kPollMilliseconds = 1000;
constexpr long kTimeoutMilliseconds = 30'000;
constexpr size_t kAnswerKept = 500;

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// One of those in flight, used again and again.
class Slot {
 public:
  explicit Slot(const HttpLoad& load) : easy_(curl_easy_init()) {
    curl_easy_setopt(easy_, CURLOPT_URL, load.url.c_str());
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, kTimeoutMilliseconds);
    curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer_);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Keep);
  }
  ~Slot() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(easy_);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  CURL* easy() const { return easy_; }

  void Take(const HttpItem& item, const std::string& method) {
    curl_slist_free_all(headers_);
    headers_ = curl_slist_append(nullptr, "Expect:");
    for (const std::string& line : item.headers) {
      headers_ = curl_slist_append(headers_, line.c_str());
    }
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE, static_cast<long>(item.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, item.body.c_str());
  }

  absl::Status Ended(CURLcode code) {
    long http_status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &http_status);
    if (code != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(code));
    if (http_status != 200) {
      return absl::UnavailableError(base::StrCat(http_status, ": ", answer_));
    }
    answer_.clear();
    return absl::OkStatus();
  }

 private:
  static size_t Keep(char* bytes, size_t size, size_t count, void* into) {
    auto* const answer = static_cast<std::string*>(into);
    if (answer->size() < kAnswerKept) answer->append(bytes, size * count);
    return size * count;
  }

  CURL* easy_;
  curl_slist* headers_ = nullptr;
  std::string answer_;
};

/// Gives the slot its next request; false when there is none.
bool Next(const HttpLoad& load, int64_t count, int64_t* begun, Slot& slot) {
  if (*begun >= count) return false;
  if (!load.items.empty()) {
    slot.Take(load.items[static_cast<size_t>(*begun)], load.method);
  }
  ++*begun;
  return true;
}

}  // namespace

absl::StatusOr<double> HttpRate(const HttpLoad& load) {
  const int64_t count = load.items.empty() ? load.gets : static_cast<int64_t>(load.items.size());
  const std::unique_ptr<CURLM, MultiDeleter> multi(curl_multi_init());
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(load.in_flight));
  std::vector<std::unique_ptr<Slot>> slots;
  int64_t begun = 0;
  const absl::Time start = absl::Now();
  for (int i = 0; i < load.in_flight; ++i) {
    auto slot = std::make_unique<Slot>(load);
    if (!Next(load, count, &begun, *slot)) break;
    curl_multi_add_handle(multi.get(), slot->easy());
    slots.push_back(std::move(slot));
  }
  absl::Status failure;
  int64_t done = 0;
  while (done < count && failure.ok()) {
    int running = 0;
    curl_multi_perform(multi.get(), &running);
    int left = 0;
    bool any = false;
    while (CURLMsg* const message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const easy = message->easy_handle;
      Slot* slot = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
      failure.Update(slot->Ended(message->data.result));
      curl_multi_remove_handle(multi.get(), easy);
      ++done;
      any = true;
      if (Next(load, count, &begun, *slot)) curl_multi_add_handle(multi.get(), easy);
    }
    if (!any) curl_multi_poll(multi.get(), nullptr, 0, kPollMilliseconds, nullptr);
  }
  const absl::Duration took = absl::Now() - start;
  for (const auto& slot : slots) curl_multi_remove_handle(multi.get(), slot->easy());
  if (!failure.ok()) return failure;
  return static_cast<double>(count) / absl::ToDoubleSeconds(took);
}

}  // namespace kontor::bench
