// SPDX-License-Identifier: Apache-2.0
// A stat a call tells whether the file was replaced; only then is it read.
#include "sdk/cpp/src/token_source.h"

#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace kontor::sdk::internal {
namespace {

constexpr std::streamoff kFileBytesMax = 1024 * 1024;

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  in.seekg(0, std::ios::end);
  const std::streamoff size = in.tellg();
  if (size < 0) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  if (size > kFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is larger than 1 MiB"));
  }
  in.seekg(0);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

absl::StatusOr<std::unique_ptr<TokenSource>> TokenSource::FromFile(const std::string& path) {
  auto text = ReadSmallFile(path);
  if (!text.ok()) return std::move(text).status();
  const std::string token(absl::StripAsciiWhitespace(*text));
  if (token.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " holds no token"));
  auto source = std::make_unique<TokenSource>(token);
  source->path_ = path;
  return source;
}

std::string TokenSource::Token() {
  const absl::MutexLock lock(&mutex_);
  struct stat now {};
  if (path_.empty() || stat(path_.c_str(), &now) != 0) return token_;
  const std::array<int64_t, 4> found = {static_cast<int64_t>(now.st_ino), now.st_size,
                                        now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
  if (found == seen_) return token_;
  const auto text = ReadSmallFile(path_);
  if (!text.ok()) return token_;
  const std::string token(absl::StripAsciiWhitespace(*text));
  if (!token.empty()) token_ = token;
  seen_ = found;
  return token_;
}

}  // namespace kontor::sdk::internal
