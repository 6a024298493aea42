// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/bank/rig.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "server/crypto/digest.h"
#include "tests/contract/bank/sshd.h"
#include "tests/contract/bank/webhook_bank.h"

namespace kontor::bank::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path FreshFolder() {
  static std::atomic<int> count{0};
  const fs::path path =
      fs::temp_directory_path() / ("kontor-bank-" + std::to_string(getpid()) + "-" +
                                   std::to_string(count++));
  fs::create_directories(path);
  return path;
}

/// One server for all tests of the run.
Sshd& Server() {
  static Sshd server(FreshFolder());
  return server;
}

}  // namespace

WebhookBank& BankOfRun() {
  static WebhookBank bank;
  return bank;
}

std::string KindUnderTest() {
  const char* const kind = std::getenv("KONTOR_CHANNEL_KIND");
  return kind == nullptr ? "directory" : kind;
}

std::string CannotRun() { return KindUnderTest() == "sftp" ? MissingSshd() : ""; }

absl::StatusOr<size_t> TextSource::Read(std::span<char> into) {
  const size_t count = std::min(into.size(), text_.size() - at_);
  std::copy_n(text_.data() + at_, count, into.data());
  at_ += count;
  return count;
}

Rig::Rig() : folder(FreshFolder()) {
  for (const char* name : {"outbox", "inbox", "archive", "acknowledgements"}) {
    fs::create_directories(folder / name);
  }
  json made = {{"outbox", (folder / "outbox").string()},
               {"inbox", (folder / "inbox").string()},
               {"archive", (folder / "archive").string()},
               {"acknowledgements", (folder / "acknowledgements").string()},
               {"sent", (folder / "sent").string()},
               {"rest_seconds", 60}};
  if (KindUnderTest() == "sftp") {
    made["host"] = "127.0.0.1";
    made["port"] = Server().port();
    made["user"] = Server().user();
    made["host_keys"] = {Server().fingerprint()};
    secret = Server().private_key();
  }
  if (KindUnderTest() == "webhook") {
    BankOfRun().Reset();
    made = {{"url", BankOfRun().url()}, {"status_url", BankOfRun().status_url()}};
    secret = std::string(kOurSecret) + " " + kBankSecret;
  }
  settings = made.dump();
  channel = Make();
}

Rig::~Rig() {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

std::shared_ptr<ports::BankChannel> Rig::Make(const std::string& overrides) {
  json merged = json::parse(settings);
  merged.merge_patch(json::parse(overrides));
  ChannelOptions options;
  if (KindUnderTest() == "webhook") {
    options.http = &BankOfRun().http();
    options.allow_plain_http = true;
    options.timeout = absl::Seconds(5);
  }
  auto made = MakeChannel(KindUnderTest(), merged.dump(), secret, options, clock);
  BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
  return *std::move(made);
}

ports::OutgoingFile Rig::FileOf(const std::string& name, const std::string& text) const {
  return {name, "MSG-1", crypto::Sha256(text).Hex()};
}

absl::Status Rig::Submit(const std::string& name, const std::string& text) {
  TextSource bytes(text);
  return channel->Submit(FileOf(name, text), bytes);
}

absl::StatusOr<ports::FilePlace> Rig::Find(const std::string& name, const std::string& text) {
  return channel->Find(FileOf(name, text));
}

void Rig::Arrive(const std::string& name, const std::string& text, absl::Duration age) {
  const fs::path path = folder / "inbox" / name;
  std::ofstream(path, std::ios::binary) << text;
  fs::last_write_time(path, fs::file_time_type::clock::now() -
                                std::chrono::duration_cast<fs::file_time_type::duration>(
                                    absl::ToChronoSeconds(age)));
}

std::map<std::string, std::string> Rig::HandedOver() {
  std::map<std::string, std::string> out;
  if (KindUnderTest() != "webhook") {
    if (!fs::exists(folder / "outbox")) return out;
    for (const std::string& name : Names("outbox")) out[name] = ReadFile(folder / "outbox" / name);
    return out;
  }
  for (const auto& [id, bytes] : BankOfRun().orders()) {
    if (taken_.contains(id)) continue;
    // It knows an order by its message id, which all files of these tests share.
    for (const auto& [name, value] : BankOfRun().last_headers()) {
      if (name == "kontor-file-name") out[value] = bytes;
    }
  }
  return out;
}

void Rig::TakeAll() {
  if (KindUnderTest() == "webhook") {
    for (const auto& [id, bytes] : BankOfRun().orders()) taken_.insert(id);
    return;
  }
  for (const std::string& name : Names("outbox")) fs::remove(folder / "outbox" / name);
}

void Rig::Refuse(bool refuses) {
  if (KindUnderTest() == "webhook") {
    if (refuses) BankOfRun().Next({false, true, 403, "{}"});
  } else if (refuses) {
    fs::rename(folder / "outbox", folder / "away");
  } else {
    fs::rename(folder / "away", folder / "outbox");
  }
}

std::string Rig::ReadFile(const fs::path& path) const {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> Rig::Names(const std::string& of) const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / of)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace kontor::bank::testing
