// SPDX-License-Identifier: Apache-2.0
// Time, memory and files for benches.
#pragma once

#include <sys/resource.h>

#include <cstdio>
#include <ctime>
#include <string>

#include "server/ports/codec.h"

namespace kontor::bench {

/// The largest resident size this process had so far, in mebibytes.
inline long PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

/// Processor time of this process: what else the machine does takes no part in it.
inline double ProcessorSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <typename Call>
double Seconds(Call call) {
  const double begin = ProcessorSeconds();
  call();
  return ProcessorSeconds() - begin;
}

class FileSource final : public ports::ByteSource {
 public:
  explicit FileSource(const std::string& path) : file_(std::fopen(path.c_str(), "rb")) {}
  ~FileSource() override {
    if (file_ != nullptr) std::fclose(file_);
  }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    if (file_ == nullptr) return absl::NotFoundError("no such file");
    return std::fread(into.data(), 1, into.size(), file_);
  }

 private:
  std::FILE* file_;
};

class FileSink final : public ports::ByteSink {
 public:
  explicit FileSink(const std::string& path) : file_(std::fopen(path.c_str(), "wb")) {}
  ~FileSink() override { Close(); }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;
  absl::Status Write(std::string_view bytes) override {
    if (file_ == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) {
      return absl::ResourceExhaustedError("the disk does not take it");
    }
    bytes_ += static_cast<int64_t>(bytes.size());
    return absl::OkStatus();
  }
  void Close() {
    if (file_ != nullptr) std::fclose(file_);
    file_ = nullptr;
  }
  int64_t bytes() const { return bytes_; }

 private:
  std::FILE* file_;
  int64_t bytes_ = 0;
};

}  // namespace kontor::bench
