// SPDX-License-Identifier: Apache-2.0
#include "server/engine/blobs.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr size_t kPartsAUnit = 4;

class BlobSource final : public ports::ByteSource {
 public:
  BlobSource(ports::Store& store, std::string id, int64_t bytes)
      : store_(store), id_(std::move(id)), left_(bytes) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    if (left_ == 0) return 0;
    if (at_ == part_.size()) KONTOR_RETURN_IF_ERROR(Next());
    const size_t count = std::min(into.size(), part_.size() - at_);
    std::memcpy(into.data(), part_.data() + at_, count);
    at_ += count;
    left_ -= static_cast<int64_t>(count);
    return count;
  }

 private:
  absl::Status Next() {
    at_ = 0;
    ++number_;
    KONTOR_RETURN_IF_ERROR(store_.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(part_, view.BlobPart(id_, number_));
      return absl::OkStatus();
    }));
    if (part_.empty() || static_cast<int64_t>(part_.size()) > left_) {
      return Error(Reason::kInternal).Says(StrCat("the bytes of ", id_, " are damaged"));
    }
    return absl::OkStatus();
  }

  ports::Store& store_;
  const std::string id_;
  int64_t left_;
  int64_t number_ = 0;
  std::string part_;
  size_t at_ = 0;
};

absl::StatusOr<std::string> NextPart(ports::ByteSource& source) {
  std::string part(static_cast<size_t>(ports::kBlobPartBytesMax), '\0');
  size_t size = 0;
  while (size < part.size()) {
    KONTOR_ASSIGN_OR_RETURN(const size_t got, source.Read(std::span(part).subspan(size)));
    if (got == 0) break;
    size += got;
  }
  part.resize(size);
  return part;
}

}  // namespace

std::unique_ptr<ports::ByteSource> OpenBlob(ports::Store& store, std::string blob_id,
                                            int64_t bytes) {
  return std::make_unique<BlobSource>(store, std::move(blob_id), bytes);
}

absl::StatusOr<WrittenBlob> WriteBlobParts(ports::Store& store, const std::string& blob_id,
                                           ports::ByteSource& source, int64_t bytes_max) {
  crypto::Sha256Stream hash;
  WrittenBlob written;
  for (bool more = true; more;) {
    std::vector<std::string> batch;
    while (batch.size() < kPartsAUnit) {
      KONTOR_ASSIGN_OR_RETURN(std::string part, NextPart(source));
      more = !part.empty();
      if (!more) break;
      written.bytes += static_cast<int64_t>(part.size());
      if (written.bytes > bytes_max) {
        return Error(Reason::kTooLarge).Says(StrCat("a file has ", bytes_max, " bytes at most"));
      }
      hash.Update(part);
      batch.push_back(std::move(part));
    }
    if (batch.empty()) break;
    KONTOR_RETURN_IF_ERROR(store.Commit([&](ports::Unit& unit) -> absl::Status {
      int64_t number = written.parts;
      for (const std::string& part : batch) {
        KONTOR_RETURN_IF_ERROR(unit.InsertBlobPart(blob_id, ++number, part));
      }
      return absl::OkStatus();
    }));
    written.parts += static_cast<int64_t>(batch.size());
  }
  written.sha256 = hash.Finish().Hex();
  return written;
}

}  // namespace kontor::engine
