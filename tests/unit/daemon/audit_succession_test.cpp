// Keys that give way to others: a succession is signed by both, a lost key is replaced by a row that says so, and every
// other change of keys is a bad signature.
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/unit/daemon/audit_sample.hpp"

using namespace nexus;
using namespace nexus::audit;
using namespace nexus::audit::sample;

namespace {

std::string fixture(const std::string& name) {
  std::ifstream file(NEXUS_SOURCE_DIR "/tests/fixtures/audit/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Rows 1 to 4 under the first key, 5 to 8 under the second.
Log succeeded_log() {
  Log log;
  for (int i = 0; i < 4; ++i) log.append();
  log.checkpoint();
  log.succeed();
  for (int i = 0; i < 4; ++i) log.append();
  log.checkpoint();
  return log;
}

/// The first key is lost after row 4; row 5 says so.
Log replaced_log() {
  Log log;
  for (int i = 0; i < 4; ++i) log.append();
  log.checkpoint();
  log.replace_lost();
  for (int i = 0; i < 3; ++i) log.append();
  log.checkpoint();
  return log;
}

/// Of the tables and of the export: they must agree.
std::vector<Finding> findings(const Log& log, const Kept& kept = {}) {
  const auto of_tables = verify_log(log, kept).findings;
  const auto of_export = verify_export(log.exported(), kept).findings;
  CHECK((of_tables == of_export));
  return of_tables;
}

Kept trusting(const PublicKey& key) { return {.key = key, .notes = {}, .receipts = {}}; }

}  // namespace

TEST_CASE("after a succession, whoever trusts either key trusts the log", "[audit]") {
  const Log log = succeeded_log();
  CHECK(findings(log).empty());
  for (const auto& key : log.keys) CHECK(findings(log, trusting(key)).empty());
  const PublicKey stranger = SigningKey::generate(log.key.public_key().name).public_key();
  CHECK(findings(log, trusting(stranger)).front().fault == Fault::bad_signature);

  const Report report = verify_log(log);
  REQUIRE(report.signers.size() == 2);
  CHECK(report.signers[0].key.text() == log.keys[0].text());
  CHECK(report.signers[0].rows == 4);
  CHECK(report.signers[1].key.text() == log.keys[1].text());
  CHECK(report.signers[1].rows == 8);
  CHECK(!report.signers[1].replaces_lost);
}

TEST_CASE("a note that was kept under the older key still counts", "[audit]") {
  const Log log = succeeded_log();
  for (const auto& note : log.notes) {
    const Report report = verify_log(log, {.key = log.keys[1], .notes = {note.text}, .receipts = {}});
    CHECK(report.ok());
    CHECK(report.kept_rows == note.size);
  }
}

TEST_CASE("a key that nobody named, or that has had its turn, signs nothing", "[audit]") {
  SECTION("a second key comes out of nowhere") {
    Log log = small_log();
    log.key = log.next_key();
    log.checkpoint();
    CHECK((findings(log) == std::vector<Finding>{{Fault::bad_signature, 12}}));
  }
  SECTION("the older key goes on") {
    const SigningKey older = SigningKey::generate("nexusd/" + kChain.instance_id);
    Log log;
    log.key = older;
    log.keys = {older.public_key()};
    log.append();
    log.succeed();
    log.append();
    log.key = older;
    log.checkpoint();
    CHECK((findings(log) == std::vector<Finding>{{Fault::bad_signature, 2}}));
  }
  SECTION("the named key did not sign") {
    Log log = small_log();
    Checkpoint checkpoint = log.checkpoint_of(12, log.last_note());
    checkpoint.successor = log.next_key().public_key();
    log.notes.push_back({12, make_note(checkpoint, log.key)});
    CHECK((findings(log) == std::vector<Finding>{{Fault::bad_signature, 12}}));
  }
}

TEST_CASE("a lost key's successor counts by the row that says so, for whoever does not insist on the lost one",
          "[audit]") {
  const Log log = replaced_log();
  CHECK(findings(log).empty());
  CHECK(findings(log, trusting(log.keys[1])).empty());
  CHECK((findings(log, trusting(log.keys[0])) == std::vector<Finding>{{Fault::bad_signature, 8}}));
  const Report report = verify_log(log);
  REQUIRE(report.signers.size() == 2);
  CHECK(report.signers[1].replaces_lost);
  CHECK(report.replacements.at(log.keys[1].text()) == 5);

  SECTION("a row of another action is none") {
    Log forged = small_log();
    forged.key = forged.next_key();
    forged.append("key_lost", {{"type", "checkpoint_key"}, {"id", forged.key.public_key().text()}});
    forged.checkpoint();
    CHECK((findings(forged) == std::vector<Finding>{{Fault::bad_signature, 13}}));
  }
  SECTION("a row that comes after the note is none") {
    Log forged = small_log();
    forged.key = forged.next_key();
    forged.checkpoint();
    forged.append("key_replace", {{"type", "checkpoint_key"}, {"id", forged.key.public_key().text()}});
    CHECK((findings(forged) == std::vector<Finding>{{Fault::bad_signature, 12}}));
  }
}

TEST_CASE("where nobody knows the lost key any more, its successor vouches for the rows, and the report says so",
          "[audit]") {
  Log log = replaced_log();
  log.keys.erase(log.keys.begin());
  const Report report = verify_log(log);
  CHECK(report.ok());
  CHECK(report.unknown_rows == 4);
  CHECK(findings(log).empty());
  Log never = small_log();
  never.keys = {SigningKey::generate(never.key.public_key().name).public_key()};
  CHECK(findings(never).size() == never.notes.size());
}

TEST_CASE("a chain that is younger than a succession knows the newer key alone", "[audit]") {
  Log log;
  log.key = log.next_key();
  log.append();
  log.checkpoint();
  CHECK(findings(log).empty());
}

TEST_CASE("an export of version 1 is still read", "[audit]") {
  const std::string text = fixture("example-1.ndjson");
  REQUIRE(text.starts_with("{\"nexus_audit_export\":1,"));
  const Report report = verify_export(text);
  CHECK(report.ok());
  CHECK(report.rows == 2);
  CHECK(report.signed_rows == 1);
  CHECK(!verify_export("{\"nexus_audit_export\":3" + text.substr(23)).ok());
}

TEST_CASE("the logs of keys that gave way, which other verifiers read too, verify", "[audit]") {
  const Report succession = verify_export(fixture("succession.ndjson"));
  CHECK(succession.ok());
  CHECK(succession.signed_rows == 5);
  REQUIRE(succession.signers.size() == 2);
  const Report replaced = verify_export(fixture("replaced.ndjson"));
  CHECK(replaced.ok());
  REQUIRE(replaced.signers.size() == 2);
  CHECK(replaced.signers[1].replaces_lost);
}
