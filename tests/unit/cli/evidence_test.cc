// SPDX-License-Identifier: Apache-2.0
// `kontorctl evidence`: what is written, and that no byte of it can be changed, taken away, added
// or moved without being found; nor can a forger who signs anew say what does not fit together.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "kontor/v1/evidence.pb.h"
#include "sdk/cli/evidence_check.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "server/crypto/ed25519.h"
#include "tests/unit/cli/support.h"

namespace bdata = boost::unit_test::data;
namespace fs = std::filesystem;

namespace kontor::cli_test {
namespace {

using nlohmann::json;
using Files = std::map<std::string, std::string>;

std::string Sha(const std::string& text) { return crypto::Sha256(text).Hex(); }

std::string AuditRow(int sequence, const std::string& previous, const std::string& action,
                     std::string* hash) {
  const std::string fields[] = {std::to_string(sequence), "1700000000000000", "prn_1",
                                "PAYMENT_APPROVER",       action,             "pmo_1",
                                "hamburg",                "{}",               "{\"a\":1}",
                                "",                       "approval/v1",      "cor_1",
                                previous};
  std::string bytes;
  for (const std::string& field : fields) {
    bytes += std::to_string(field.size()) + ":" + field + "\n";
  }
  *hash = Sha(bytes);
  return json{{"sequence", sequence},     {"time_us", 1700000000000000}, {"actor", fields[2]},
              {"role", fields[3]},        {"action", action},            {"subject", fields[5]},
              {"entity", fields[6]},      {"before", fields[7]},         {"after", fields[8]},
              {"reason", ""},             {"policy_version", fields[10]},
              {"correlation_id", "cor_1"}, {"previous_hash", previous},  {"hash", *hash}}
             .dump() +
         "\n";
}

json Approval(const std::string& id, const std::string& digest) {
  return {{"principal_id", "prn_" + id}, {"name", id}, {"digest", digest}};
}

/// What a service would export of one released order.
Files Bundle() {
  Files files;
  const std::string content = "payment_order1\x1f" "hamburg\nMsgId=3:abc;\n";
  const std::string file = "<Document/>";
  files["orders/pmo_1/content.txt"] = content;
  files["orders/pmo_1/file/blb_1-pay.xml"] = file;
  files["orders/pmo_1/order.json"] =
      json{{"id", "pmo_1"},
           {"digest", Sha(content)},
           {"file_sha256", Sha(file)},
           {"preparer", "petra"},
           {"releaser", "rolf"},
           {"approvals_needed", 2},
           {"approvals", {Approval("axel", Sha(content)), Approval("anke", Sha(content))}}}
          .dump();
  const std::string sealed = "sealed for the bank";
  files["orders/pmo_1/sealed/blb_3-pay.xml.pgp"] = sealed;
  files["orders/pmo_1/sealed.json"] =
      json{{"handed_over", {{"name", "pay.xml.pgp"}, {"sha256", Sha(sealed)}}},
           {"files", json::array({{{"channel", "bank"},
                                   {"name", "pay.xml.pgp"},
                                   {"sha256", Sha(sealed)}}})}}
          .dump();
  const std::string policy = R"({"steps":[]})";
  files["policies/approval-v1.json"] = json{{"name", "approval/v1"},
                                            {"content", policy},
                                            {"digest", Sha(policy)},
                                            {"proposer", "anna"},
                                            {"decider", "anton"}}
                                           .dump();
  std::string first;
  std::string second;
  std::string third;
  std::string& audit = files["audit.jsonl"];
  audit += AuditRow(7, "", "payment_order.approve", &first);
  audit += AuditRow(8, first, "payment_order.approve", &second);
  audit += AuditRow(11, second, "payment_order.release", &third);
  files["events.jsonl"] = "{\"id\":\"evt_1\"}\n{\"id\":\"evt_2\"}\n";
  files["empty.txt"] = "";
  return files;
}

struct Signer {
  crypto::Ed25519PrivateKey key = *crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'k'));
  void Sign(Files& files) const {
    files.erase("manifest.json");
    files.erase("manifest.sig");
    files["keys.jwks"] = crypto::Jwks({{"", key.public_key()}});
    json manifest = {{"version", 1},
                     {"asked", "INV/1"},
                     {"made", "2026-01-05T10:00:00Z"},
                     {"audit_head", "11:" + json::parse(Last(files["audit.jsonl"]))["hash"]
                                                .get<std::string>()},
                     {"key_id", crypto::KeyThumbprint(key.public_key())},
                     {"files", json::array()}};
    for (const auto& [path, text] : files) {
      manifest["files"].push_back(
          {{"path", path}, {"bytes", text.size()}, {"sha256", Sha(text)}});
    }
    const std::string text = manifest.dump(1) + "\n";
    files["manifest.json"] = text;
    files["manifest.sig"] = crypto::Base64Encode(*key.Sign(text));
  }
  static std::string Last(const std::string& lines) {
    const size_t at = lines.rfind('\n', lines.size() - 2);
    return lines.substr(at == std::string::npos ? 0 : at + 1);
  }
};

struct World {
  World() { signer.Sign(files); }
  std::string Place(const std::string& name = "bundle") {
    const std::string at = folder / name;
    fs::remove_all(at);
    for (const auto& [path, text] : files) {
      fs::create_directories((fs::path(at) / path).parent_path());
      std::ofstream(fs::path(at) / path, std::ios::binary) << text;
    }
    fs::create_directories(at);
    return at;
  }
  Outcome Verify(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"evidence", "--verify", Place()};
    words.insert(words.end(), more.begin(), more.end());
    return bench.Run(words);
  }
  /// The server's answers, a page for each file.
  void Serve() {
    bench.mock->On([this](const v1::ExportEvidenceRequest& request)
                       -> absl::StatusOr<v1::ExportEvidenceResponse> {
      size_t at = request.page_token().empty() ? 0 : std::stoul(request.page_token());
      v1::ExportEvidenceResponse page;
      auto it = files.begin();
      std::advance(it, at);
      auto* piece = page.add_pieces();
      piece->set_path(it->first);
      piece->set_chunk(it->second);
      if (++at < files.size()) page.set_next_page_token(std::to_string(at));
      return page;
    });
  }

  Signer signer;
  Files files = Bundle();
  Folder folder;
  Bench bench;
};

BOOST_FIXTURE_TEST_SUITE(evidence, World)

BOOST_AUTO_TEST_CASE(what_was_exported_is_whole_and_unchanged) {
  const Outcome outcome = Verify();
  BOOST_TEST(outcome.code == cli::kDone, outcome.err);
  for (const char* part : {"INV/1", "10 files", "3 audit rows", "compare it with the service's"}) {
    BOOST_TEST(Contains(outcome.out, part), outcome.out);
  }
  BOOST_TEST(bench.mock->Methods().empty());  // no server was asked
}

BOOST_AUTO_TEST_CASE(a_change_of_any_byte_of_any_file_is_found) {
  const Files good = files;
  for (const auto& [path, text] : good) {
    for (size_t i = 0; i < text.size(); i += std::max<size_t>(1, text.size() / 60)) {
      files = good;
      files[path][i] = static_cast<char>(files[path][i] ^ 1);
      const Outcome outcome = Verify();
      BOOST_TEST(outcome.code == cli::kRefused, path << " at " << i);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_byte_more_or_less_at_the_end_of_any_file_is_found) {
  const Files good = files;
  for (const auto& [path, text] : good) {
    // A line feed behind base64 is the same signature.
    if (path == "manifest.sig") continue;
    files = good;
    files[path] += '\n';
    BOOST_TEST(Verify().code == cli::kRefused, path);
    if (text.empty()) continue;
    files = good;
    files[path].pop_back();
    BOOST_TEST(Verify().code == cli::kRefused, path);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_found_and_named) {
  const Files good = files;
  for (const auto& [path, text] : good) {
    files = good;
    files.erase(path);
    const Outcome outcome = Verify();
    BOOST_TEST(outcome.code == cli::kRefused, path);
    BOOST_TEST(Contains(outcome.err, path + ": it is missing"), outcome.err);
  }
}

BOOST_AUTO_TEST_CASE(an_added_file_is_found_and_named) {
  for (const char* path : {"extra.txt", "orders/pmo_1/file/blb_2-pay.xml",
                           "orders/pmo_2/order.json", ".hidden", "manifest.json.orig"}) {
    World world;
    world.files[path] = "x";
    const Outcome outcome = world.Verify();
    BOOST_TEST(outcome.code == cli::kRefused, path);
    BOOST_TEST(Contains(outcome.err, std::string(path) + ": it was added"), outcome.err);
  }
}

BOOST_AUTO_TEST_CASE(files_that_changed_places_and_rows_that_did_are_found) {
  std::swap(files["events.jsonl"], files["audit.jsonl"]);
  BOOST_TEST(Verify().code == cli::kRefused);
  World rows;
  rows.files["events.jsonl"] = "{\"id\":\"evt_2\"}\n{\"id\":\"evt_1\"}\n";
  BOOST_TEST(rows.Verify().code == cli::kRefused);
}

BOOST_AUTO_TEST_CASE(a_link_in_the_place_of_a_file_is_found) {
  const std::string at = Place();
  std::ofstream(folder / "elsewhere") << files["events.jsonl"];
  fs::remove(fs::path(at) / "events.jsonl");
  fs::create_symlink(folder / "elsewhere", fs::path(at) / "events.jsonl");
  const Outcome outcome = bench.Run({"evidence", "--verify", at});
  BOOST_TEST(outcome.code == cli::kRefused);
  BOOST_TEST(Contains(outcome.err, "it is no plain file"));
}

BOOST_AUTO_TEST_CASE(a_bundle_that_was_signed_anew_by_somebody_else_is_found_by_the_services_keys) {
  const std::string keys = folder.Write("keys", files["keys.jwks"]);
  BOOST_TEST(Verify({"--keys", keys}).code == cli::kDone);
  Signer forger;
  forger.key = *crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'f'));
  files["events.jsonl"] = "{}\n";
  forger.Sign(files);
  BOOST_TEST(Verify().code == cli::kDone);  // its own key says so
  const Outcome outcome = Verify({"--keys", keys});
  BOOST_TEST(outcome.code == cli::kRefused);
  BOOST_TEST(Contains(outcome.err, "none of the keys"));
}

struct Forged {
  const char* name;
  void (*forge)(Files& files);
  const char* says;
};
std::ostream& operator<<(std::ostream& out, const Forged& c) { return out << c.name; }
void Edit(Files& files, const std::function<void(json&)>& change) {
  json order = json::parse(files["orders/pmo_1/order.json"]);
  change(order);
  files["orders/pmo_1/order.json"] = order.dump();
}
const Forged kForged[] = {
    {"another content", [](Files& f) { f["orders/pmo_1/content.txt"] += "x"; },
     "not the content that was approved"},
    {"another file to the bank", [](Files& f) { f["orders/pmo_1/file/blb_1-pay.xml"] += "x"; },
     "not the file that the order names"},
    {"no file to the bank", [](Files& f) { f.erase("orders/pmo_1/file/blb_1-pay.xml"); },
     "the file that it names is not there"},
    {"another sealed file", [](Files& f) { f["orders/pmo_1/sealed/blb_3-pay.xml.pgp"] += "x"; },
     "none of the sealed files that the order names"},
    {"a sealed file that nothing names", [](Files& f) { f.erase("orders/pmo_1/sealed.json"); },
     "none of the sealed files that the order names"},
    {"no sealed file", [](Files& f) { f.erase("orders/pmo_1/sealed/blb_3-pay.xml.pgp"); },
     "a sealed file that it names is not there"},
    {"an approval of another content",
     [](Files& f) { Edit(f, [](json& o) { o["approvals"][0]["digest"] = "0"; }); },
     "an approval is of another content"},
    {"an approval by the preparer",
     [](Files& f) { Edit(f, [](json& o) { o["approvals"][0]["name"] = "petra"; }); },
     "its preparer approved it"},
    {"a release by the preparer",
     [](Files& f) { Edit(f, [](json& o) { o["releaser"] = "petra"; }); },
     "its preparer released it"},
    {"a release by an approver", [](Files& f) { Edit(f, [](json& o) { o["releaser"] = "anke"; }); },
     "an approver released it"},
    {"one approval twice",
     [](Files& f) { Edit(f, [](json& o) { o["approvals"][1] = o["approvals"][0]; }); },
     "fewer approvals than the policy asks for"},
    {"a void approval",
     [](Files& f) { Edit(f, [](json& o) { o["approvals"][0]["void_reason"] = "changed"; }); },
     "fewer approvals than the policy asks for"},
    {"another policy",
     [](Files& f) {
       json policy = json::parse(f["policies/approval-v1.json"]);
       policy["content"] = "{}";
       f["policies/approval-v1.json"] = policy.dump();
     },
     "its content does not have its digest"},
    {"a policy of one person",
     [](Files& f) {
       json policy = json::parse(f["policies/approval-v1.json"]);
       policy["decider"] = "anna";
       f["policies/approval-v1.json"] = policy.dump();
     },
     "who proposed it decided on it"},
    {"an audit row with another actor",
     [](Files& f) {
       std::string& text = f["audit.jsonl"];
       text.replace(text.find("prn_1"), 5, "prn_2");
     },
     "row 7 was changed"},
    {"audit rows in another order",
     [](Files& f) {
       std::string& text = f["audit.jsonl"];
       const size_t end = text.find('\n') + 1;
       text = text.substr(end) + text.substr(0, end);
     },
     "is out of order"},
};
BOOST_DATA_TEST_CASE(what_does_not_fit_together_is_found_even_when_it_is_signed,
                     bdata::make(kForged), c) {
  c.forge(files);
  signer.Sign(files);
  const Outcome outcome = Verify();
  BOOST_TEST(outcome.code == cli::kRefused);
  BOOST_TEST(Contains(outcome.err, c.says), outcome.err);
}

BOOST_AUTO_TEST_CASE(evidence_is_written_page_by_page_and_checked_at_once) {
  Serve();
  const std::string out = folder / "out";
  const Outcome outcome = bench.Run({"evidence", "INV/1", "--out", out});
  BOOST_TEST(outcome.code == cli::kDone, outcome.err);
  BOOST_TEST(Contains(outcome.out, "10 files"), outcome.out);
  BOOST_TEST(bench.Run({"evidence", "--verify", out}).code == cli::kDone);
  // What is there is never mixed with what comes.
  const Outcome again = bench.Run({"evidence", "INV/1", "--out", out});
  BOOST_TEST(again.code != cli::kDone);
  BOOST_TEST(Contains(again.err, "not empty"), again.err);
}

BOOST_AUTO_TEST_CASE(a_server_cannot_write_outside_of_the_folder) {
  for (const char* path : {"../x", "/tmp/x", "a/../x", "a//b", "", ".x", "a\\b", "a b"}) {
    World world;
    world.files = {{path, "x"}};
    world.Serve();
    const std::string out = world.folder / "out";
    BOOST_TEST(world.bench.Run({"evidence", "INV/1", "--out", out}).code != cli::kDone, path);
    BOOST_TEST(!fs::exists(out));
  }
}

BOOST_AUTO_TEST_CASE(evidence_needs_an_id_or_a_folder) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"evidence"}, {"evidence", "a", "b"}, {"evidence", "x", "--verify", "y"},
           {"evidence", "x", "--colour", "y"}}) {
    BOOST_TEST(bench.Run(words).code == cli::kUsage);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
