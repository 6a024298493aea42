// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/poster.h"

#include <curl/curl.h>

#include <memory>
#include <vector>

namespace kontor::bench {
namespace {

constexpr int kPollMilliseconds = 1000;
constexpr long kTimeoutMilliseconds = 30'000;

size_t Drop(char*, size_t size, size_t count, void*) { return size * count; }

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Headers = std::unique_ptr<curl_slist, ListDeleter>;

Headers DeliveryHeaders() {
  curl_slist* list = nullptr;
  for (const char* line :
       {"Content-Type: application/json", "webhook-id: evt_01HZX3V7Q8Z4T9W2Y5B6C7D8E9",
        "webhook-timestamp: 1772366400",
        "webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", "Expect:"}) {
    list = curl_slist_append(list, line);
  }
  return Headers(list);
}

Easy MakeHandle(const PostOptions& options, const Headers& headers) {
  Easy easy(curl_easy_init());
  CURL* const handle = easy.get();
  curl_easy_setopt(handle, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, kTimeoutMilliseconds);
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(options.body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, options.body.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Drop);
  return easy;
}

absl::Status Check(CURL* easy, CURLcode code) {
  long http_status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http_status);
  if (code == CURLE_OK && http_status == 200) return absl::OkStatus();
  return absl::UnavailableError(curl_easy_strerror(code));
}

}  // namespace

absl::Status PostMany(const PostOptions& options) {
  const Headers headers = DeliveryHeaders();
  const std::unique_ptr<CURLM, MultiDeleter> multi(curl_multi_init());
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options.in_flight));
  std::vector<Easy> handles;
  int64_t begun = 0;
  for (; begun < options.in_flight && begun < options.count; ++begun) {
    handles.push_back(MakeHandle(options, headers));
    curl_multi_add_handle(multi.get(), handles.back().get());
  }
  absl::Status failure;
  int64_t done = 0;
  while (done < options.count && failure.ok()) {
    int running = 0;
    curl_multi_perform(multi.get(), &running);
    int left = 0;
    bool any = false;
    while (CURLMsg* const message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const easy = message->easy_handle;
      failure.Update(Check(easy, message->data.result));
      curl_multi_remove_handle(multi.get(), easy);
      ++done;
      any = true;
      if (begun < options.count) {
        ++begun;
        curl_multi_add_handle(multi.get(), easy);
      }
    }
    if (!any) curl_multi_poll(multi.get(), nullptr, 0, kPollMilliseconds, nullptr);
  }
  for (const Easy& easy : handles) curl_multi_remove_handle(multi.get(), easy.get());
  return failure;
}

}  // namespace kontor::bench
