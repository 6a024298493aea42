// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/csv_scanner.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/line_reader.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr int kNothing = -2;

}  // namespace

absl::StatusOr<int> CsvScanner::Take() {
  if (pushed_back_ != kNothing) {
    const int c = pushed_back_;
    pushed_back_ = kNothing;
    return c;
  }
  if (begin_ == end_ && !source_ended_) {
    begin_ = 0;
    KONTOR_ASSIGN_OR_RETURN(end_, source_.Read(buffer_));
    source_ended_ = end_ == 0;
  }
  if (begin_ == end_) return -1;
  if (++row_bytes_ > kCsvRowBytesMax) {
    return Error(Reason::kFormatLimit).Says(StrCat("the row in line ", row_line_, " is too long"));
  }
  const char c = buffer_[begin_++];
  if (c == '\n') ++line_;
  return static_cast<unsigned char>(c);
}

absl::Status CsvScanner::EndField(std::string& field) {
  if (fields_.size() >= kCsvFieldsMax) {
    return Error(Reason::kFormatLimit)
        .Says(StrCat("the row in line ", row_line_, " has too many fields"));
  }
  fields_.push_back(ToUtf8(field));
  field.clear();
  return absl::OkStatus();
}

absl::StatusOr<bool> CsvScanner::Next() {
  fields_.clear();
  row_bytes_ = 0;
  row_line_ = line_;
  std::string field;
  bool any = false;
  bool quoted = false;  // within quotes
  bool closed = false;  // behind closing quotes
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const int c, Take());
    if (c < 0) {
      if (quoted) {
        return Error(Reason::kFormatTruncated)
            .Says(StrCat("the file ends within the quotes of the row in line ", row_line_));
      }
      if (!any) return false;
      KONTOR_RETURN_IF_ERROR(EndField(field));
      return true;
    }
    any = true;
    if (quoted) {
      if (c != quote_) {
        field.push_back(static_cast<char>(c));
        continue;
      }
      KONTOR_ASSIGN_OR_RETURN(const int next, Take());
      if (next == quote_) {
        field.push_back(quote_);
        continue;
      }
      pushed_back_ = next;
      quoted = false;
      closed = true;
      continue;
    }
    if (c == delimiter_) {
      KONTOR_RETURN_IF_ERROR(EndField(field));
      closed = false;
    } else if (c == '\n' || c == '\r') {
      if (c == '\r') {
        KONTOR_ASSIGN_OR_RETURN(const int next, Take());
        if (next != '\n') pushed_back_ = next;
      }
      KONTOR_RETURN_IF_ERROR(EndField(field));
      return true;
    } else if (closed) {
      return Error(Reason::kFormatInvalid)
          .Says(StrCat("line ", line_, ": text behind a closing quote"));
    } else if (c == quote_ && quote_ != 0 && field.empty()) {
      quoted = true;
    } else {
      field.push_back(static_cast<char>(c));
    }
  }
}

}  // namespace kontor::formats::internal
