// SPDX-License-Identifier: Apache-2.0
// One visitor for each vocabulary of sanctions lists in XML, and what they have in common.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/base/status.h"
#include "server/formats/internal/xml_walker.h"
#include "server/ports/screening.h"

namespace kontor::formats::internal {

inline constexpr size_t kListedNamesMax = 2'000;  ///< Of one entry.
inline constexpr size_t kListedNameBytesMax = 1'000;
inline constexpr int64_t kListedPartiesMax = 300'000;

/// Collects one entry at a time and hands it on. Not thread-safe.
class ListBuilder {
 public:
  ListBuilder(ports::ListedPartySink& sink, ports::ListReport& report)
      : sink_(sink), report_(report) {}
  ports::ListedParty& party() { return party_; }
  ports::ListReport& report() { return report_; }
  ports::ListedPartySink& sink() { return sink_; }
  void Begin() { party_ = {}; }
  /// Spaces are put in order; an empty name is left out, one that is there already too.
  absl::Status AddName(std::string_view text, bool weak);
  /// The parts that are not empty, with a space between them.
  absl::Status AddName(std::initializer_list<std::string_view> parts, bool weak);
  void AddProgramme(std::string_view text);
  /// FORMAT_INVALID for an entry without an id or a name.
  absl::Status End(std::string_view what);
  /// "YYYY-MM-DD…"; FORMAT_INVALID.
  absl::Status TakeIsoDate(std::string_view text);
  absl::Status TakeDate(std::string_view year, std::string_view month, std::string_view day);

 private:
  ports::ListedPartySink& sink_;
  ports::ListReport& report_;
  ports::ListedParty party_;
};

std::unique_ptr<XmlVisitor> MakeSdnVisitor(ListBuilder& builder);
std::unique_ptr<XmlVisitor> MakeAdvancedVisitor(ListBuilder& builder);
std::unique_ptr<XmlVisitor> MakeEuVisitor(ListBuilder& builder);
std::unique_ptr<XmlVisitor> MakeUnVisitor(ListBuilder& builder);

}  // namespace kontor::formats::internal
