// SPDX-License-Identifier: Apache-2.0
// `kontorctl evidence ID` writes all that proves a payment into a folder; `kontorctl evidence
// --verify FOLDER` checks such a folder and asks no server.
#include <filesystem>
#include <fstream>
#include <ostream>

#include "kontor/sdk/errors.h"
#include "kontor/v1/evidence.pb.h"
#include "sdk/cli/evidence_check.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/own_commands.h"

namespace kontor::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kMethod[] = "/kontor.v1.EvidenceService/ExportEvidence";
constexpr int kTriesMax = 5;

struct Asked {
  std::string verify;
  std::string keys;  ///< File of a JWK set.
  std::string out;
};

absl::StatusOr<Asked> ReadFlags(const Globals& globals) {
  Asked asked;
  for (const auto& [flag, value] : globals.fields) {
    std::string* const into = flag == "verify" ? &asked.verify
                              : flag == "keys" ? &asked.keys
                              : flag == "out"  ? &asked.out
                                               : nullptr;
    if (into == nullptr) return absl::InvalidArgumentError("no such flag: --" + flag);
    *into = value;
  }
  return asked;
}

ExitCode Verify(const Asked& asked, Surroundings& surroundings) {
  std::string keys;
  if (!asked.keys.empty()) {
    const absl::Status read = ReadWhole(asked.keys, &keys);
    if (!read.ok()) return Usage(read, surroundings);
  }
  const EvidenceCheck check = CheckEvidence(asked.verify, keys);
  for (const std::string& problem : check.problems) surroundings.err << problem << "\n";
  if (!check.problems.empty()) {
    surroundings.err << "kontorctl: this is not the evidence that was exported\n";
    return kRefused;
  }
  surroundings.out << "evidence for " << check.asked << ", made " << check.made << "\n"
                   << check.file_count << " files, whole and unchanged; " << check.audit_count
                   << " audit rows have their hashes\nsigned by " << check.key_id
                   << (keys.empty() ? ", whose key the bundle itself brings: compare it with the "
                                      "service's (--keys FILE)"
                                    : ", which your keys know")
                   << "\naudit head " << check.audit_head << "\n";
  return kDone;
}

/// A folder of our own: evidence never mixes with what was there.
absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder, error) &&
      !(fs::is_directory(folder, error) && fs::is_empty(folder, error))) {
    return absl::AlreadyExistsError(folder + " is there already, and not empty");
  }
  fs::create_directories(folder, error);
  if (error) return absl::PermissionDeniedError("cannot make " + folder + ": " + error.message());
  fs::permissions(folder, fs::perms::owner_all, error);
  return absl::OkStatus();
}

absl::Status WritePiece(const std::string& folder, const v1::EvidencePiece& piece) {
  if (!IsBundlePath(piece.path())) {
    return absl::InvalidArgumentError("the server names a path that is none: " + piece.path());
  }
  const fs::path full = fs::path(folder) / piece.path();
  std::error_code error;
  fs::create_directories(full.parent_path(), error);
  std::ofstream out(full, std::ios::binary | std::ios::app);
  out << piece.chunk();
  out.close();
  if (error || !out) return absl::PermissionDeniedError("cannot write " + full.string());
  return absl::OkStatus();
}

/// All pages; ABORTED when something changed between two of them.
absl::Status FetchInto(sdk::Connection& connection, const std::string& id,
                       const std::string& folder) {
  v1::ExportEvidenceRequest request;
  request.set_id(id);
  do {
    v1::ExportEvidenceResponse page;
    absl::Status done = connection.Call(kMethod, request, page, {});
    for (int i = 0; done.ok() && i < page.pieces_size(); ++i) {
      done = WritePiece(folder, page.pieces(i));
    }
    if (!done.ok()) return done;
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status Fetch(sdk::Connection& connection, const std::string& id, const std::string& folder) {
  absl::Status done;
  for (int i = 0; i < kTriesMax; ++i) {
    done = MakeFolder(folder);
    if (!done.ok()) return done;
    done = FetchInto(connection, id, folder);
    if (done.ok()) return done;
    // Half of a bundle is none.
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    if (done.code() != absl::StatusCode::kAborted) return done;
  }
  return done;
}

}  // namespace

ExitCode RunEvidence(const Globals& globals, Surroundings& surroundings) {
  const auto asked = ReadFlags(globals);
  if (!asked.ok()) return Usage(asked.status(), surroundings);
  if (!asked->verify.empty()) {
    if (globals.words.size() != 1) {
      return Usage("evidence --verify takes one folder", surroundings);
    }
    return Verify(*asked, surroundings);
  }
  if (globals.words.size() != 2) {
    return Usage("usage: kontorctl evidence ID [--out FOLDER], or evidence --verify FOLDER",
                 surroundings);
  }
  const std::string& id = globals.words[1];
  std::string folder = asked->out;
  if (folder.empty()) {
    folder = "evidence-" + id;
    for (char& c : folder) {
      if (!IsBundlePath(std::string_view(&c, 1)) && c != '.') c = '-';
    }
  }
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  const absl::Status fetched = Fetch(**connection, id, folder);
  if (!fetched.ok()) return Fail(fetched, globals, surroundings);
  const EvidenceCheck check = CheckEvidence(folder, "");
  for (const std::string& problem : check.problems) surroundings.err << problem << "\n";
  surroundings.out << folder << ": " << check.file_count << " files, " << check.audit_count
                   << " audit rows, signed by " << check.key_id << "\n";
  return check.problems.empty() ? kDone : kRefused;
}

}  // namespace kontor::cli
