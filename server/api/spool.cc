// SPDX-License-Identifier: Apache-2.0
#include "server/api/internal/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::api::internal {

using base::Error;
using base::Reason;
using base::StrCat;

namespace {

constexpr size_t kMemoryMax = size_t{1} << 20U;
constexpr mode_t kPrivate = 0600;

/// A file that no name leads to.
int OpenUnnamed(const std::string& folder) {
  const int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kPrivate);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  // Not every file system can; then its name is taken away at once.
  std::string name = folder + "/upload-XXXXXX";
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

}  // namespace

class SpoolSource final : public ports::ByteSource {
 public:
  explicit SpoolSource(const Spool& spool) : spool_(spool) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    const int64_t left = spool_.bytes_ - at_;
    const size_t wanted = std::min(into.size(), static_cast<size_t>(left));
    if (wanted == 0) return 0;
    if (spool_.file_ < 0) {
      std::memcpy(into.data(), spool_.memory_.data() + at_, wanted);
      at_ += static_cast<int64_t>(wanted);
      return wanted;
    }
    ssize_t got = -1;
    do {
      got = pread(spool_.file_, into.data(), wanted, at_);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
      return Error(Reason::kStoreUnavailable)
          .Says(StrCat("an upload cannot be read back: ", std::strerror(errno)));
    }
    at_ += got;
    return static_cast<size_t>(got);
  }

 private:
  const Spool& spool_;
  int64_t at_ = 0;
};

Spool::~Spool() {
  if (file_ >= 0) close(file_);
}

absl::Status Spool::Append(std::string_view bytes) {
  if (static_cast<int64_t>(bytes.size()) > bytes_max_ - bytes_) {
    return Error(Reason::kTooLarge)
        .Field("chunk")
        .Says(StrCat("a bank file has ", bytes_max_, " bytes at most"));
  }
  hash_.Update(bytes);
  bytes_ += static_cast<int64_t>(bytes.size());
  if (file_ < 0 && memory_.size() + bytes.size() <= kMemoryMax) {
    memory_.append(bytes);
    return absl::OkStatus();
  }
  if (file_ < 0) KONTOR_RETURN_IF_ERROR(ToFile());
  return Write(bytes);
}

absl::Status Spool::ToFile() {
  file_ = OpenUnnamed(folder_);
  if (file_ < 0) {
    return Error(Reason::kStoreUnavailable)
        .Says(StrCat("no file can be made in ", folder_, ": ", std::strerror(errno)));
  }
  const std::string begun = std::move(memory_);
  memory_.clear();
  return Write(begun);
}

absl::Status Spool::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(file_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const bool full = errno == ENOSPC || errno == EDQUOT;
      return Error(full ? Reason::kStoreFull : Reason::kStoreUnavailable)
          .Says(StrCat("an upload cannot be kept: ", std::strerror(errno)));
    }
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return absl::OkStatus();
}

std::unique_ptr<ports::ByteSource> Spool::Open() const {
  return std::make_unique<SpoolSource>(*this);
}

}  // namespace kontor::api::internal
