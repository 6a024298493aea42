// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/base/strings.h"
#include "server/formats/internal/list_visitors.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

/// Runs of white space become one space.
std::string Plainly(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

absl::Status ListBuilder::AddName(std::string_view text, bool weak) {
  std::string name = Plainly(text);
  if (name.empty()) return absl::OkStatus();
  if (name.size() > kListedNameBytesMax || party_.names.size() >= kListedNamesMax) {
    return Error(Reason::kFormatLimit)
        .Says(StrCat("the entry '", party_.id, "' has more than ",
                     static_cast<int64_t>(kListedNamesMax), " names, or one of more than ",
                     static_cast<int64_t>(kListedNameBytesMax), " bytes"));
  }
  for (ports::ListedName& known : party_.names) {
    if (known.text != name) continue;
    known.weak = known.weak && weak;
    return absl::OkStatus();
  }
  party_.names.push_back({std::move(name), weak});
  return absl::OkStatus();
}

absl::Status ListBuilder::AddName(std::initializer_list<std::string_view> parts, bool weak) {
  std::string name;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    if (!name.empty()) name += ' ';
    name += part;
  }
  return AddName(name, weak);
}

void ListBuilder::AddProgramme(std::string_view text) {
  std::string programme = Plainly(text);
  auto& all = party_.programmes;
  if (programme.empty() || std::find(all.begin(), all.end(), programme) != all.end()) return;
  all.push_back(std::move(programme));
}

absl::Status ListBuilder::End(std::string_view what) {
  if (party_.id.empty() || party_.names.empty()) {
    return Error(Reason::kFormatInvalid)
        .Says(
            StrCat("the ", what, " '", party_.id, "' has no ", party_.id.empty() ? "id" : "name"));
  }
  if (++report_.party_count > kListedPartiesMax) {
    return Error(Reason::kFormatLimit)
        .Says(StrCat("a list has at most ", kListedPartiesMax, " entries"));
  }
  report_.name_count += static_cast<int64_t>(party_.names.size());
  return sink_.OnParty(party_);
}

absl::Status ListBuilder::TakeIsoDate(std::string_view text) {
  constexpr size_t kDay = 10;
  KONTOR_ASSIGN_OR_RETURN(report_.published, model::Date::Parse(text.substr(0, kDay)));
  return absl::OkStatus();
}

absl::Status ListBuilder::TakeDate(std::string_view year, std::string_view month,
                                   std::string_view day) {
  const auto two = [](std::string_view text) { return StrCat(text.size() < 2 ? "0" : "", text); };
  return TakeIsoDate(StrCat(year, "-", two(month), "-", two(day)));
}

}  // namespace kontor::formats::internal
