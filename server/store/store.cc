// SPDX-License-Identifier: Apache-2.0
#include "server/store/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/strings.h"
#include "server/store/internal/codec.h"
#include "server/store/internal/committer.h"
#include "server/store/internal/feed.h"
#include "server/store/internal/head_files.h"
#include "server/store/internal/intake.h"
#include "server/store/internal/notices.h"
#include "server/store/internal/schema.h"
#include "server/store/internal/session_pool.h"
#include "server/store/internal/views.h"

namespace kontor::store {
namespace {

using base::Reason;
using base::StrCat;
using internal::Engine;
using internal::Session;
using internal::Target;

absl::Status SystemError(std::string_view what, const std::string& path) {
  const Reason reason = errno == ENOSPC   ? Reason::kStoreFull
                        : errno == EEXIST ? Reason::kAlreadyExists
                                          : Reason::kStoreUnavailable;
  return base::Error(reason).Says(StrCat(what, " ", path, ": ", std::strerror(errno)));
}

/// The file before SQLite sees it: mode 0600, which its side files inherit.
absl::Status PrepareFile(const std::string& path) {
  if (const size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
    const std::string folder = path.substr(0, slash);
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      return SystemError("cannot make", folder);
    }
  }
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return SystemError("cannot open", path);
  const bool is_private = fchmod(fd, 0600) == 0;
  absl::Status status = is_private ? absl::OkStatus() : SystemError("cannot protect", path);
  close(fd);
  return status;
}

absl::Status CheckSettings(const StoreSettings& settings) {
  const struct {
    std::string_view name;
    int value;
    int least;
    int most;
  } limits[] = {{"store.queue_max", settings.queue_max, 1, 1'000'000},
                {"store.group_max", settings.group_max, 1, 10'000},
                {"store.reader_sessions", settings.reader_sessions, 1, 64},
                {"store.reader_threads", settings.reader_threads, 1, settings.reader_sessions},
                {"store.read_queue_max", settings.read_queue_max, 1, 1'000'000}};
  for (const auto& limit : limits) {
    if (limit.value >= limit.least && limit.value <= limit.most) continue;
    return base::Error(Reason::kConfigInvalid)
        .Field(limit.name)
        .Says(StrCat("not between ", limit.least, " and ", limit.most));
  }
  return absl::OkStatus();
}

/// Runs asynchronous reads; each on a pooled session.
class ReaderThreads {
 public:
  using Work = std::function<absl::Status(ports::ReadView&)>;
  using Done = std::function<void(absl::Status)>;

  ReaderThreads(int count, int queue_max, std::function<absl::Status(const Work&)> read)
      : queue_max_(static_cast<size_t>(queue_max)), read_(std::move(read)) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this] { Loop(); });
      pthread_setname_np(threads_.back().native_handle(), "store-read");
    }
  }
  ~ReaderThreads() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    filled_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void Submit(Work work, Done done) {
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() < queue_max_) {
        queue_.emplace_back(std::move(work), std::move(done));
        filled_.notify_one();
        return;
      }
    }
    done(base::Error(Reason::kQueueFull).Says("too many reads are waiting"));
  }

 private:
  void Loop() {
    while (true) {
      std::pair<Work, Done> item;
      {
        std::unique_lock lock(mutex_);
        while (queue_.empty() && !is_stopping_) {
          filled_.wait_for(lock, std::chrono::milliseconds(250));
        }
        if (queue_.empty()) return;
        item = std::move(queue_.front());
        queue_.pop_front();
      }
      const absl::Status status = read_(item.first);
      try {
        item.second(status);
      } catch (...) {
        // A callback that throws is a defect of its owner; the thread must go on.
      }
    }
  }

  const size_t queue_max_;
  std::function<absl::Status(const Work&)> read_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::pair<Work, Done>> queue_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

class SqlStore final : public Store {
 public:
  SqlStore(StoreSettings settings, Target target, const ports::Crypto& crypto,
           const base::Clock& clock)
      : settings_(std::move(settings)),
        target_(std::move(target)),
        crypto_(crypto),
        clock_(clock),
        head_files_(settings_, GenerationFile(), clock),
        pool_(target_, settings_),
        intake_(committer_, settings_, crypto),
        committer_(target_, settings_, crypto, clock, head_files_) {}

  /// The listening thread speaks to the commit thread, and the commit thread to it.
  ~SqlStore() override {
    if (notices_ != nullptr) notices_->Stop();
    intake_.Stop();
  }

  absl::Status Open();

  const StoreOpenInfo& open_info() const override { return info_; }
  absl::Status AcknowledgeRestore() override;
  absl::Status Backup(const std::string& path) override;
  absl::StatusOr<std::string> AuditHead() override;
  int64_t QueueLength() const override { return committer_.QueueLength(); }
  ports::Intake* intake() override {
    return target_.engine == Engine::kSqlite ? &intake_ : nullptr;
  }

  void Submit(ports::Work work, std::function<void(absl::Status)> done) override {
    committer_.Submit(std::move(work), std::move(done));
  }
  absl::Status Commit(const ports::Work& work) override {
    return committer_.Commit(work);
  }
  absl::Status Read(const std::function<absl::Status(ports::ReadView&)>& work) override;
  void ReadAsync(std::function<absl::Status(ports::ReadView&)> work,
                 std::function<void(absl::Status)> done) override {
    readers_->Submit(std::move(work), std::move(done));
  }
  void OnCommit(std::function<void(const ports::CommitNotice&)> listener) override {
    committer_.AddListener(std::move(listener));
  }
  absl::Status VerifyAudit(const std::string& head, int64_t* rows) override;
  absl::Status Ping() override;

 private:
  absl::Status PrepareNotices(Session& session);
  std::string GenerationFile() const {
    if (!settings_.generation_file.empty()) return settings_.generation_file;
    return target_.engine == Engine::kSqlite ? StrCat(target_.path, ".generation") : "";
  }

  const StoreSettings settings_;
  const Target target_;
  const ports::Crypto& crypto_;
  const base::Clock& clock_;
  StoreOpenInfo info_;
  internal::HeadFiles head_files_;  // The commit thread's, from Open() on.
  internal::SessionPool pool_;
  std::unique_ptr<internal::Notices> notices_;  // PostgreSQL only; the commit thread uses it.
  internal::Intake intake_;  // Before the committer, whose last answers it takes.
  internal::Committer committer_;
  std::unique_ptr<ReaderThreads> readers_;
};

absl::Status SqlStore::Open() {
  if (target_.engine == Engine::kSqlite) KONTOR_RETURN_IF_ERROR(PrepareFile(target_.path));
  KONTOR_ASSIGN_OR_RETURN(auto session,
                          Session::Open(target_, settings_, Session::Access::kReadWrite));
  KONTOR_RETURN_IF_ERROR(internal::Migrate(*session, crypto_, clock_, &info_));
  KONTOR_ASSIGN_OR_RETURN(const internal::Heads heads, internal::ReadHeads(*session));
  info_.last_event_sequence = heads.event_sequence;
  KONTOR_ASSIGN_OR_RETURN(info_.restored, head_files_.IsRestored(info_.generation, heads));
  head_files_.Follow(info_.generation, heads, info_.restored);
  if (target_.engine == Engine::kPostgresql) KONTOR_RETURN_IF_ERROR(PrepareNotices(*session));
  if (target_.engine == Engine::kSqlite) KONTOR_RETURN_IF_ERROR(intake_.Load(*session));
  committer_.Start(std::move(session));
  if (notices_ != nullptr) notices_->Listen();
  readers_ = std::make_unique<ReaderThreads>(
      settings_.reader_threads, settings_.read_queue_max,
      [this](const auto& work) { return Read(work); });
  return absl::OkStatus();
}

absl::Status SqlStore::PrepareNotices(Session& session) {
  // Channels belong to a database; the schema tells stores in one apart.
  KONTOR_ASSIGN_OR_RETURN(auto rows, session.Query("select current_schema()", "t"));
  const std::string node =
      settings_.node.empty() ? internal::RandomHex(crypto_) : settings_.node;
  notices_ = std::make_unique<internal::Notices>(
      target_, settings_, rows.empty() ? "" : rows.front().Text(0), node,
      [this](const ports::CommitNotice& notice) { committer_.AnnounceLater(notice); });
  committer_.BeforeCommit([this](Session& open_session, const ports::CommitNotice& notice) {
    return notices_->Tell(open_session, notice);
  });
  return absl::OkStatus();
}

absl::Status SqlStore::Read(const std::function<absl::Status(ports::ReadView&)>& work) {
  return pool_.With([&](Session& session) -> absl::Status {
    internal::ReadViewOnSession view(session, crypto_);
    try {
      return work(view);
    } catch (const std::exception& error) {
      return base::Error(Reason::kInternal).Says(StrCat("a read threw: ", error.what()));
    } catch (...) {
      return base::Error(Reason::kInternal).Says("a read threw");
    }
  });
}

absl::Status SqlStore::AcknowledgeRestore() {
  return committer_.RunAlone([this](Session& session) -> absl::Status {
    const std::string generation = internal::RandomHex(crypto_);
    KONTOR_RETURN_IF_ERROR(session.BeginWrite());
    absl::Status status =
        session
            .Execute("update store_instance set generation = :generation where id = 1",
                     {generation})
            .status();
    auto heads = internal::ReadHeads(session);
    if (status.ok()) status = heads.status();
    if (status.ok()) status = session.Commit();
    if (!status.ok()) {
      session.Rollback();
      return status;
    }
    head_files_.Follow(generation, *heads, false);
    return absl::OkStatus();
  });
}

absl::Status SqlStore::Backup(const std::string& path) {
  if (target_.engine != Engine::kSqlite) {
    return base::Error(Reason::kStateConflict).Says("use pg_dump for a store on PostgreSQL");
  }
  // SQLite writes into an empty file that exists; made here so that nobody else can read it.
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return SystemError("cannot make", path);
  close(fd);
  KONTOR_ASSIGN_OR_RETURN(auto session,
                          Session::Open(target_, settings_, Session::Access::kRead));
  absl::Status status = session->Control("pragma query_only = off");
  if (status.ok()) status = session->Execute("vacuum into :path", {path}).status();
  if (!status.ok()) unlink(path.c_str());
  return status;
}

absl::StatusOr<std::string> SqlStore::AuditHead() {
  std::string text;
  KONTOR_RETURN_IF_ERROR(pool_.With([&](Session& session) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const internal::Heads heads, internal::ReadHeads(session));
    text = internal::AuditHeadText(heads);
    return absl::OkStatus();
  }));
  return text;
}

absl::Status SqlStore::VerifyAudit(const std::string& head, int64_t* rows) {
  KONTOR_ASSIGN_OR_RETURN(const internal::Heads exported, internal::ParseAuditHead(head));
  return pool_.With([&](Session& session) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const int64_t count,
                            internal::VerifyChain(session, crypto_, exported));
    if (rows != nullptr) *rows = count;
    return absl::OkStatus();
  });
}

absl::Status SqlStore::Ping() {
  return pool_.With(
      [](Session& session) { return internal::ReadHeads(session).status(); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreSettings& settings,
                                                 const ports::Crypto& crypto,
                                                 const base::Clock& clock) {
  KONTOR_RETURN_IF_ERROR(CheckSettings(settings));
  KONTOR_ASSIGN_OR_RETURN(Target target, internal::ParseUrl(settings.url));
  auto store = std::make_unique<SqlStore>(settings, std::move(target), crypto, clock);
  KONTOR_RETURN_IF_ERROR(store->Open());
  return store;
}

absl::StatusOr<int64_t> VerifyAuditOffline(const std::string& url, const std::string& head,
                                           const ports::Crypto& crypto) {
  KONTOR_ASSIGN_OR_RETURN(const internal::Heads exported, internal::ParseAuditHead(head));
  KONTOR_ASSIGN_OR_RETURN(const Target target, internal::ParseUrl(url));
  KONTOR_ASSIGN_OR_RETURN(auto session,
                          Session::Open(target, StoreSettings(), Session::Access::kOffline));
  KONTOR_RETURN_IF_ERROR(session->BeginRead());
  KONTOR_ASSIGN_OR_RETURN(const int version, internal::ReadSchemaVersion(*session));
  if (version == 0) return base::Error(Reason::kStoreUnavailable).Says("there is no store");
  auto rows = internal::VerifyChain(*session, crypto, exported);
  session->Rollback();
  return rows;
}

}  // namespace kontor::store
