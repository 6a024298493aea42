// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/notices.h"

#include <pthread.h>

#include <memory>
#include <utility>

#include "server/base/strings.h"

namespace kontor::store::internal {
namespace {

/// PostgreSQL refuses payloads of 8000 bytes; what does not fit is left out, as it is only a hint.
constexpr size_t kPayloadBytesMax = 7000;
constexpr absl::Duration kWait = absl::Milliseconds(250);
constexpr int kWaitsBeforeReconnect = 4;
constexpr char kBetween = '\x1F';

void AddNames(std::string* out, char kind, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (out->size() + name.size() + 2 > kPayloadBytesMax) return;
    base::StrAppend(out, kBetween, kind, name);
  }
}

}  // namespace

std::string NoticeText(const std::string& store, const std::string& node,
                       const ports::CommitNotice& notice) {
  std::string out = base::StrCat(store, kBetween, node, kBetween, notice.last_event_sequence);
  AddNames(&out, 'k', notice.object_kinds);
  AddNames(&out, 'f', notice.flow_kinds);
  AddNames(&out, 'l', notice.lanes);
  AddNames(&out, 'o', notice.operation_ids);
  return out;
}

Notices::Notices(Target target, const StoreSettings& settings, std::string store,
                 std::string node, std::function<void(const ports::CommitNotice&)> announce)
    : target_(std::move(target)),
      settings_(settings),
      store_(std::move(store)),
      node_(std::move(node)),
      announce_(std::move(announce)) {}

void Notices::Stop() {
  is_stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

absl::Status Notices::Tell(Session& session, const ports::CommitNotice& notice) const {
  return session
      .Query("select 1 from pg_notify('kontor', :payload)", "i",
             {NoticeText(store_, node_, notice)})
      .status();
}

void Notices::Listen() {
  thread_ = std::thread([this] { Loop(); });
  pthread_setname_np(thread_.native_handle(), "store-listen");
}

void Notices::Loop() {
  std::unique_ptr<Session> session;
  int waits_left = 0;
  while (!is_stopping_) {
    if (session == nullptr && waits_left-- <= 0) {
      waits_left = kWaitsBeforeReconnect;
      auto opened = Session::Open(target_, settings_, Session::Access::kRead);
      if (opened.ok() && (*opened)->Control("listen kontor").ok()) {
        session = *std::move(opened);
        // Whatever was told while nobody listened: look at everything once.
        announce_({});
      }
    }
    if (session == nullptr) {
      std::this_thread::sleep_for(absl::ToChronoMilliseconds(kWait));
      continue;
    }
    const auto payloads = session->WaitForNotices(kWait);
    if (!payloads.ok()) {
      session.reset();
      continue;
    }
    for (const std::string& payload : *payloads) Hear(payload);
  }
}

void Notices::Hear(const std::string& payload) const {
  const std::vector<std::string> parts = base::StrSplit(payload, kBetween);
  if (parts.size() < 3 || parts[0] != store_ || parts[1] == node_) return;
  ports::CommitNotice notice;
  const auto sequence = base::ParseInt64(parts[2]);
  if (sequence.ok()) notice.last_event_sequence = *sequence;
  for (size_t i = 3; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    const std::string name = parts[i].substr(1);
    if (parts[i][0] == 'k') notice.object_kinds.push_back(name);
    if (parts[i][0] == 'f') notice.flow_kinds.push_back(name);
    if (parts[i][0] == 'l') notice.lanes.push_back(name);
    if (parts[i][0] == 'o') notice.operation_ids.push_back(name);
  }
  announce_(notice);
}

}  // namespace kontor::store::internal
