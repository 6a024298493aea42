// SPDX-License-Identifier: Apache-2.0
#include "server/screening/screening.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"
#include "server/screening/internal/index.h"

namespace kontor::screening {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using internal::Index;
using internal::IndexedParty;

constexpr size_t kFoundMax = 50'000;  ///< Names whose matches are kept.
constexpr size_t kHitsMax = 100;      ///< That are told of one party; the most alike.

/// Digests what passes through.
class Hashed final : public ports::ByteSource {
 public:
  explicit Hashed(ports::ByteSource& source) : source_(source) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    KONTOR_ASSIGN_OR_RETURN(const size_t count, source_.Read(into));
    hash_.Update(std::string_view(into.data(), count));
    return count;
  }
  /// Reads what is left first: readers stop where the document ends.
  absl::StatusOr<std::string> Finish() {
    std::string rest(64 << 10, '\0');
    while (true) {
      KONTOR_ASSIGN_OR_RETURN(const size_t count, Read(rest));
      if (count == 0) break;
    }
    return hash_.Finish().Hex();
  }

 private:
  ports::ByteSource& source_;
  crypto::Sha256Stream hash_;
};

std::string DigestOf(const ports::ListedParty& party) {
  std::string text = StrCat("entry1\x1f", party.id, "\x1f", ports::NameOf(party.type));
  for (const ports::ListedName& name : party.names) {
    base::StrAppend(&text, "\x1f", name.weak ? "w" : "s", name.text);
  }
  for (const std::string& programme : party.programmes) base::StrAppend(&text, "\x1e", programme);
  return crypto::Sha256(text).Hex();
}

/// Fills the index with one list. Digests are made last: programmes may come late.
class Filling final : public ports::ListedPartySink {
 public:
  Filling(Index& index, uint32_t list) : index_(index), list_(list) {}

  absl::Status OnParty(const ports::ListedParty& party) override {
    const auto number = static_cast<uint32_t>(index_.parties().size());
    index_.parties().push_back({list_, party.id, party.names.front().text, "", "", party.type});
    for (const ports::ListedName& name : party.names) {
      if (index_.Add(number, name)) continue;
      return Error(Reason::kFormatLimit).Says("the lists have more names than there is room for");
    }
    entries_.push_back(party);
    by_id_[party.id] = entries_.size() - 1;
    return absl::OkStatus();
  }
  absl::Status OnProgramme(std::string_view party_id, std::string_view programme) override {
    const auto known = by_id_.find(party_id);
    if (known == by_id_.end()) return absl::OkStatus();
    auto& all = entries_[known->second].programmes;
    if (std::find(all.begin(), all.end(), programme) == all.end()) all.emplace_back(programme);
    return absl::OkStatus();
  }
  void Finish() {
    size_t number = index_.parties().size() - entries_.size();
    for (const ports::ListedParty& entry : entries_) {
      IndexedParty& party = index_.parties()[number++];
      party.programmes = base::StrJoin(entry.programmes, ", ");
      party.digest = DigestOf(entry);
    }
  }

 private:
  Index& index_;
  const uint32_t list_;
  std::vector<ports::ListedParty> entries_;
  std::map<std::string, size_t, std::less<>> by_id_;
};

class ListScreening final : public ports::Screening {
 public:
  explicit ListScreening(int threshold) : threshold_(threshold) {}

  absl::Status Load(const model::ScreeningList& list, const ports::ScreeningListReader& reader,
                    const OpenList& open) {
    KONTOR_ASSIGN_OR_RETURN(const OpenedList opened, open(list.sha256));
    Hashed bytes(*opened.bytes);
    Filling filling(index_, static_cast<uint32_t>(lists_.size()));
    KONTOR_ASSIGN_OR_RETURN(const ports::ListReport report, reader.Read(bytes, filling));
    filling.Finish();
    KONTOR_ASSIGN_OR_RETURN(const std::string sha256, bytes.Finish());
    if (sha256 != list.sha256 || report.format != list.format) {
      return Error(Reason::kListStale).Says("its bytes are not those that were activated");
    }
    lists_.push_back({list.name, list.format, sha256,
                      report.published ? report.published : opened.published, report.party_count});
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<ports::ScreeningHit>> Screen(
      std::span<const ports::ScreenedParty> parties) override {
    std::vector<ports::ScreeningHit> out;
    for (size_t i = 0; i < parties.size(); ++i) {
      const std::vector<Index::Match> matches = Find(parties[i].name);
      const size_t told = std::min(matches.size(), kHitsMax);
      for (size_t j = 0; j < told; ++j) {
        const Index::Match& match = matches[j];
        const IndexedParty& party = index_.parties()[match.party];
        ports::ScreeningHit& hit = out.emplace_back();
        hit.party = i;
        hit.list = lists_[party.list].name;
        hit.entry_id = party.id;
        hit.entry_digest = party.digest;
        hit.entry_name = party.name;
        hit.name = index_.TextOf(match.name);
        hit.weak = index_.IsWeak(match.name);
        hit.type = party.type;
        hit.programmes = party.programmes;
        hit.likeness_percent = match.verdict.percent;
        hit.words = match.verdict.words;
        hit.more = j + 1 == told && matches.size() > told;
      }
    }
    return out;
  }
  const std::vector<ports::ListFacts>& Lists() const override { return lists_; }

 private:
  /// Orders are screened again every few minutes, and most creditors come again and again.
  std::vector<Index::Match> Find(const std::string& name) {
    {
      const std::lock_guard lock(mutex_);
      const auto known = found_.find(name);
      if (known != found_.end()) return known->second;
    }
    std::vector<Index::Match> matches = index_.Find(name, threshold_);
    const std::lock_guard lock(mutex_);
    if (found_.size() >= kFoundMax) found_.clear();
    found_[name] = matches;
    return matches;
  }

  const int threshold_;
  Index index_;
  std::vector<ports::ListFacts> lists_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Index::Match>> found_;
};

}  // namespace

ports::ScreeningFactory MakeScreeningFactory(const ports::ScreeningListReader& reader,
                                             OpenList open) {
  return [&reader, open = std::move(open)](const model::ScreeningRules& rules)
             -> absl::StatusOr<std::shared_ptr<ports::Screening>> {
    const auto made = std::make_shared<ListScreening>(rules.threshold_percent);
    for (const model::ScreeningList& list : rules.lists) {
      const absl::Status loaded = made->Load(list, reader, open);
      if (loaded.ok()) continue;
      return Error(Reason::kListStale)
          .With("list", list.name)
          .Says(StrCat("the list ", list.name, " cannot be read: ", std::string(loaded.message())));
    }
    return made;
  };
}

}  // namespace kontor::screening
