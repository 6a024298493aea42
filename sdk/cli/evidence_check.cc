// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/evidence_check.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "sdk/cli/digest.h"

namespace kontor::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr uintmax_t kFileBytesMax = uintmax_t{512} << 20U;

std::string Text(const json& in, const char* key) {
  const auto found = in.find(key);
  return found != in.end() && found->is_string() ? found->get<std::string>() : "";
}

class Checking {
 public:
  Checking(std::string folder, const std::string& keys) : folder_(std::move(folder)), keys_(keys) {}

  EvidenceCheck Run() {
    const auto manifest = Read(kManifestFile);
    if (!manifest) return std::move(out_);
    const json parsed = json::parse(*manifest, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("files") || !parsed["files"].is_array()) {
      Problem(kManifestFile, "it is no manifest");
      return std::move(out_);
    }
    out_.asked = Text(parsed, "asked");
    out_.made = Text(parsed, "made");
    out_.key_id = Text(parsed, "key_id");
    out_.audit_head = Text(parsed, "audit_head");
    CheckSignature(*manifest);
    CheckFiles(parsed["files"]);
    CheckStrangers();
    for (const auto& [path, content] : contents_) CheckMeaning(path, content);
    return std::move(out_);
  }

 private:
  void Problem(const std::string& path, const std::string& what) {
    out_.problems.push_back(path + ": " + what);
  }

  std::optional<std::string> Read(const std::string& path) {
    const fs::path full = fs::path(folder_) / path;
    std::error_code error;
    const fs::file_status status = fs::symlink_status(full, error);
    if (error || !fs::exists(status)) {
      Problem(path, "it is missing");
      return std::nullopt;
    }
    if (!fs::is_regular_file(status)) {
      Problem(path, "it is no plain file");
      return std::nullopt;
    }
    if (fs::file_size(full, error) > kFileBytesMax || error) {
      Problem(path, "it is too large to be read");
      return std::nullopt;
    }
    std::ifstream in(full, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
      Problem(path, "it cannot be read");
      return std::nullopt;
    }
    return std::move(text).str();
  }

  void CheckSignature(const std::string& manifest) {
    const auto encoded = Read(kSignatureFile);
    const auto own = keys_.empty() ? Read(kKeysFile) : std::optional(keys_);
    if (!encoded || !own) return;
    const auto signature = Base64Decode(*encoded);
    const json set = json::parse(*own, nullptr, false);
    if (!signature || !set.is_object() || !set.contains("keys") || !set["keys"].is_array()) {
      Problem(kSignatureFile, "the signature or the keys are unreadable");
      return;
    }
    for (const json& key : set["keys"]) {
      if (!key.is_object() || Text(key, "kid") != out_.key_id) continue;
      const auto raw = Base64Decode(Text(key, "x"));
      if (raw && IsSigned(*raw, manifest, *signature)) return;
      Problem(kSignatureFile, "the manifest is not the one that was signed");
      return;
    }
    Problem(kSignatureFile, "none of the keys is " + out_.key_id + ", which signed the manifest");
  }

  void CheckFiles(const json& files) {
    std::string last;
    for (const json& file : files) {
      if (!file.is_object()) {
        Problem(kManifestFile, "it is no manifest");
        continue;
      }
      const std::string path = Text(file, "path");
      if (!IsBundlePath(path) || (!last.empty() && path <= last)) {
        Problem(kManifestFile, "its paths are not in order: '" + path + "'");
        continue;
      }
      last = path;
      listed_.insert(path);
      ++out_.file_count;
      auto content = Read(path);
      if (!content) continue;
      if (Sha256Hex(*content) != Text(file, "sha256") ||
          file.value("bytes", uint64_t{0}) != content->size()) {
        Problem(path, "it was changed");
        continue;
      }
      contents_[path] = *std::move(content);
    }
  }

  /// Files that nobody signed.
  void CheckStrangers() {
    std::error_code error;
    fs::recursive_directory_iterator it(folder_, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      const std::string path = fs::relative(it->path(), folder_).generic_string();
      const bool known = path == kManifestFile || path == kSignatureFile || listed_.contains(path);
      const fs::file_status status = it->symlink_status();
      if (!known && !fs::is_directory(status)) Problem(path, "it was added");
    }
    if (error) Problem(".", "the folder cannot be read: " + error.message());
  }

  void CheckMeaning(const std::string& path, const std::string& content) {
    if (path == "audit.jsonl") return CheckAudit(path, content);
    if (path.starts_with("policies/")) return CheckPolicy(path, content);
    constexpr std::string_view kOrder = "/order.json";
    if (path.starts_with("orders/") && path.ends_with(kOrder)) {
      CheckOrder(path, path.substr(0, path.size() - kOrder.size() + 1), content);
    }
  }

  void CheckPolicy(const std::string& path, const std::string& content) {
    const json policy = json::parse(content, nullptr, false);
    if (!policy.is_object() || Sha256Hex(Text(policy, "content")) != Text(policy, "digest")) {
      Problem(path, "its content does not have its digest");
      return;
    }
    if (!Text(policy, "decider").empty() && Text(policy, "decider") == Text(policy, "proposer")) {
      Problem(path, "who proposed it decided on it");
    }
  }

  void CheckOrder(const std::string& path, const std::string& folder, const std::string& content) {
    const json order = json::parse(content, nullptr, false);
    if (!order.is_object()) return Problem(path, "it is no order");
    const std::string digest = Text(order, "digest");
    const auto text = contents_.find(folder + "content.txt");
    if (text != contents_.end() && Sha256Hex(text->second) != digest) {
      Problem(text->first, "it is not the content that was approved");
    }
    CheckFile(folder, Text(order, "file_sha256"), path);
    CheckSealed(folder);
    std::set<std::string> persons;
    for (const json& approval : order.value("approvals", json::array())) {
      if (!approval.is_object() || !Text(approval, "void_reason").empty()) continue;
      if (Text(approval, "digest") != digest) Problem(path, "an approval is of another content");
      if (Text(approval, "name") == Text(order, "preparer")) {
        Problem(path, "its preparer approved it");
      }
      if (Text(approval, "name") == Text(order, "releaser")) {
        Problem(path, "an approver released it");
      }
      persons.insert(Text(approval, "principal_id"));
    }
    const bool released = !Text(order, "releaser").empty();
    if (released && Text(order, "releaser") == Text(order, "preparer")) {
      Problem(path, "its preparer released it");
    }
    if (released &&
        static_cast<int64_t>(persons.size()) < order.value("approvals_needed", int64_t{0})) {
      Problem(path, "it was released with fewer approvals than the policy asks for");
    }
  }

  void CheckFile(const std::string& folder, const std::string& sha256, const std::string& order) {
    bool any = false;
    for (const auto& [path, content] : contents_) {
      if (!path.starts_with(folder + "file/")) continue;
      any = true;
      if (Sha256Hex(content) != sha256) Problem(path, "it is not the file that the order names");
    }
    if (!sha256.empty() && !any) Problem(order, "the file that it names is not there");
  }

  /// What was sealed for banks is what sealed.json names, each once.
  void CheckSealed(const std::string& folder) {
    std::multiset<std::string> named;
    const auto list = contents_.find(folder + "sealed.json");
    const json sealed =
        list == contents_.end() ? json() : json::parse(list->second, nullptr, false);
    if (sealed.is_object() && sealed.contains("files") && sealed["files"].is_array()) {
      for (const json& file : sealed["files"]) named.insert(Text(file, "sha256"));
    }
    for (const auto& [path, content] : contents_) {
      if (!path.starts_with(folder + "sealed/")) continue;
      const auto found = named.find(Sha256Hex(content));
      if (found == named.end()) {
        Problem(path, "it is none of the sealed files that the order names");
      } else {
        named.erase(found);
      }
    }
    if (!named.empty()) Problem(list->first, "a sealed file that it names is not there");
  }

  void CheckAudit(const std::string& path, const std::string& content) {
    std::istringstream lines(content);
    std::string line;
    int64_t last = 0;
    std::string last_hash;
    while (std::getline(lines, line)) {
      const json row = json::parse(line, nullptr, false);
      if (!row.is_object()) return Problem(path, "a row is unreadable");
      const auto sequence = row.value("sequence", int64_t{0});
      const std::string where = "row " + std::to_string(sequence);
      if (sequence <= last) Problem(path, where + " is out of order");
      if (sequence == last + 1 && last > 0 && Text(row, "previous_hash") != last_hash) {
        Problem(path, where + " is not chained to the one before");
      }
      if (HashOf(row) != Text(row, "hash")) Problem(path, where + " was changed");
      last = sequence;
      last_hash = Text(row, "hash");
      ++out_.audit_count;
    }
    const std::string head = std::to_string(last) + ":";
    if (out_.audit_head.starts_with(head) && out_.audit_head != head + last_hash) {
      Problem(path, "its last row differs from the signed head");
    }
  }

  /// As the service chains its audit: each field by its length.
  static std::string HashOf(const json& row) {
    std::string bytes;
    const auto add = [&bytes](const std::string& text) {
      bytes += std::to_string(text.size()) + ":" + text + "\n";
    };
    add(std::to_string(row.value("sequence", int64_t{0})));
    add(std::to_string(row.value("time_us", int64_t{0})));
    for (const char* key : {"actor", "role", "action", "subject", "entity", "before", "after",
                            "reason", "policy_version", "correlation_id", "previous_hash"}) {
      add(Text(row, key));
    }
    return Sha256Hex(bytes);
  }

  const std::string folder_;
  const std::string keys_;
  EvidenceCheck out_;
  std::set<std::string> listed_;
  std::map<std::string, std::string> contents_;
};

}  // namespace

bool IsBundlePath(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/') return false;
  char last = '/';
  for (const char c : path) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.' || c == '/';
    // No hidden files, no "..", no empty names.
    if (!fine || (last == '/' && (c == '.' || c == '/'))) return false;
    last = c;
  }
  return true;
}

EvidenceCheck CheckEvidence(const std::string& folder, const std::string& keys) {
  return Checking(folder, keys).Run();
}

}  // namespace kontor::cli
