// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/upload.h"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/time/clock.h"
#include "sdk/cli/progress.h"

namespace kontor::cli {
namespace {

constexpr size_t kPiece = size_t{256} << 10U;
constexpr int64_t kMiB = int64_t{1} << 20U;
/// Smaller files are there before anybody could read how far they are.
constexpr int64_t kProgressFrom = 8 * kMiB;

class Meter {
 public:
  Meter(const std::string& path, Surroundings& surroundings) : surroundings_(surroundings) {
    std::error_code unknown;
    const auto size = std::filesystem::file_size(path, unknown);
    total_ = unknown ? 0 : static_cast<int64_t>(size);
  }
  void Count(size_t bytes, bool last) {
    done_ += static_cast<int64_t>(bytes);
    if (done_ < kProgressFrom && total_ < kProgressFrom) return;
    const bool step = done_ / kMiB != shown_;
    if (!step && !last) return;
    shown_ = done_ / kMiB;
    ShowProgress(surroundings_.terminal,
                 {done_ / kMiB, 0, total_ / kMiB, absl::Now() - begun_, "MiB"}, last,
                 surroundings_.err);
  }

 private:
  Surroundings& surroundings_;
  const absl::Time begun_ = absl::Now();
  int64_t total_ = 0;
  int64_t done_ = 0;
  int64_t shown_ = -1;
};

}  // namespace

absl::Status ReadInPieces(const std::string& path, Surroundings& surroundings,
                          const TakePiece& take) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    std::error_code ignored;
    if (!file || std::filesystem::is_directory(path, ignored)) {
      return absl::NotFoundError("cannot read " + path);
    }
  }
  std::istream& in = path == "-" ? std::cin : file;
  Meter meter(path, surroundings);
  bool last = false;
  while (!last) {
    std::string piece(kPiece, '\0');
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<size_t>(in.gcount()));
    if (in.bad()) return absl::DataLossError("reading " + path + " failed");
    last = in.eof() || in.peek() == std::istream::traits_type::eof();
    meter.Count(piece.size(), last);
    const absl::Status taken = take(std::move(piece), last);
    if (!taken.ok()) return taken;
  }
  return absl::OkStatus();
}

}  // namespace kontor::cli
