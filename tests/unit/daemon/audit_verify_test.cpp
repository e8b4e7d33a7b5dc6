// The verifier: a good log passes, and each kind of tampering is named with its place.
#include "tests/catch.hpp"
#include "tests/unit/daemon/audit_sample.hpp"

using namespace nexus;
using namespace nexus::audit;
using namespace nexus::audit::sample;

namespace {

struct Tampering {
  const char* what;
  void (*with)(Log&);
  Finding first;
};

void change_body(Log& log, std::size_t at, std::string_view from, std::string_view to) {
  std::string& body = log.rows[at].body;
  const auto place = body.find(from);
  REQUIRE(place != std::string::npos);
  body.replace(place, from.size(), to);
}

const Tampering kTamperings[] = {
    {"a row is gone", [](Log& log) { log.rows.erase(log.rows.begin() + 5); }, {Fault::gap, 6}},
    {"the first row is gone", [](Log& log) { log.rows.erase(log.rows.begin()); }, {Fault::gap, 1}},
    {"a row stands twice", [](Log& log) { log.rows.insert(log.rows.begin() + 5, log.rows[4]); }, {Fault::reorder, 5}},
    {"two rows are swapped", [](Log& log) { std::swap(log.rows[4], log.rows[5]); }, {Fault::gap, 5}},
    {"another prev", [](Log& log) { log.rows[6].prev_hash = log.rows[2].hash; }, {Fault::bad_prev, 7}},
    {"another body", [](Log& log) { change_body(log, 6, "u_ann", "u_bob"); }, {Fault::bad_hash, 7}},
    {"another hash", [](Log& log) { log.rows[6].hash = sha256_hex("x"); }, {Fault::bad_hash, 7}},
    {"a hash that is none", [](Log& log) { log.rows[6].hash = "x"; }, {Fault::bad_hash, 7}},
    {"a body with blanks", [](Log& log) { change_body(log, 6, "\"v\":1", "\"v\": 1"); }, {Fault::not_canonical, 7}},
    {"a body of another tenant, sealed again",
     [](Log& log) {
       change_body(log, 6, "t_acme", "t_evil");
       log.seal_from(6);
       log.notes.clear();
     },
     {Fault::not_canonical, 7}},
    {"a body of another seq, sealed again",
     [](Log& log) {
       change_body(log, 6, "\"seq\":7", "\"seq\":8");
       log.seal_from(6);
     },
     {Fault::not_canonical, 7}},
    {"other details", [](Log& log) { *log.rows[6].details += " "; }, {Fault::bad_details, 7}},
    {"details vanish", [](Log& log) { log.rows[6].details.reset(); }, {Fault::unexplained_erasure, 7}},
    {"an erasure for a later row explains nothing",
     [](Log& log) { log.rows[11].details.reset(); },
     {Fault::unexplained_erasure, 12}},
    {"the tail is gone", [](Log& log) { log.rows.resize(9); }, {Fault::truncated, 11}},
    {"a rewritten body, sealed again",
     [](Log& log) {
       change_body(log, 6, "u_ann", "u_bob");
       log.seal_from(6);
     },
     {Fault::fork, 8}},
    {"time falls",
     [](Log& log) {
       change_body(log, 11, to_rfc3339(kBegin + 12 * kSecond), to_rfc3339(kBegin));
       log.seal_from(11);
     },
     {Fault::clock_back, 12}},
    {"a note by another key",
     [](Log& log) {
       log.notes[2].text =
           log.make_note_of(11, sha256(log.notes[1].text), SigningKey::generate("nexusd/0197-instance"));
     },
     {Fault::bad_signature, 11}},
    {"a note is no note", [](Log& log) { log.notes[0].text = "hello\n"; }, {Fault::bad_signature, 0}},
    {"a note is gone", [](Log& log) { log.notes.erase(log.notes.begin() + 1); }, {Fault::bad_prev, 11}},
    {"the first note is gone", [](Log& log) { log.notes.erase(log.notes.begin()); }, {Fault::bad_prev, 8}},
    {"notes are swapped", [](Log& log) { std::swap(log.notes[0], log.notes[1]); }, {Fault::bad_prev, 8}},
};

}  // namespace

TEST_CASE("a good log verifies, and the report says how far", "[audit]") {
  const Log log = small_log();
  const Report report =
      verify_log(log, {.key = {}, .notes = {log.notes[1].text}, .receipts = {{10, log.rows[9].hash}}});
  CHECK(report.ok());
  CHECK(report.rows == 12);
  CHECK(report.head == log.rows.back().hash);
  CHECK(report.notes == 3);
  CHECK(report.signed_rows == 11);
  CHECK(report.kept_rows == 10);
}

TEST_CASE("an empty log verifies", "[audit]") {
  const Log log;
  CHECK(verify_log(log).ok());
  CHECK(verify_export(log.exported()).ok());
}

TEST_CASE("every kind of tampering is named with its place", "[audit]") {
  for (const auto& tampering : kTamperings) {
    Log log = small_log();
    tampering.with(log);
    const Report report = verify_log(log);
    INFO(tampering.what);
    REQUIRE(!report.findings.empty());
    INFO("found " << to_string(report.findings.front().fault) << " at " << report.findings.front().seq);
    CHECK((report.findings.front() == tampering.first));
  }
}

TEST_CASE("what somebody kept is held against the log", "[audit]") {
  const Log before = small_log();
  Log log = before;
  change_body(log, 9, "u_ann", "u_bob");
  log.seal_from(9);
  log.notes.pop_back();
  SECTION("without it a rewrite is missed: that is the limit") { CHECK(verify_log(log).ok()); }
  SECTION("a note shows it") {
    const Report report = verify_log(log, {.key = {}, .notes = {before.notes[2].text}, .receipts = {}});
    CHECK((report.findings == std::vector<Finding>{{Fault::fork, 11}, {Fault::truncated, 11}}));
  }
  SECTION("a receipt shows it") {
    const Report report = verify_log(log, {.key = {}, .notes = {}, .receipts = {{12, before.rows[11].hash}}});
    CHECK(report.findings == std::vector<Finding>{{Fault::fork, 12}});
  }
  SECTION("a receipt of a row that is gone shows it") {
    log.rows.resize(10);
    CHECK(verify_log(log).ok());
    const Report report = verify_log(log, {.key = {}, .notes = {}, .receipts = {{12, before.rows[11].hash}}});
    CHECK(report.findings == std::vector<Finding>{{Fault::truncated, 12}});
  }
}

TEST_CASE("columns must say what the body says", "[audit]") {
  const Log log = small_log();
  Row good = log.rows[0];
  good.at = kBegin + kSecond;
  good.action = "card_create";
  good.actor = "u_ann";
  good.result = "PASS";
  good.trace_id = "r-1";
  const auto findings = [&](const Row& row) {
    Verifier verifier(kChain, {});
    verifier.row(row, Source::table);
    return verifier.finish().findings;
  };
  CHECK(findings(good).empty());
  Row late = good;
  late.at += kSecond;
  CHECK((findings(late) == std::vector<Finding>{{Fault::not_canonical, 1}}));
  for (const auto change : {&Row::action, &Row::actor, &Row::result, &Row::trace_id}) {
    Row row = good;
    row.*change = "other";
    CHECK((findings(row) == std::vector<Finding>{{Fault::not_canonical, 1}}));
  }
}

TEST_CASE("an export verifies in pieces of any size", "[audit]") {
  const Log log = small_log();
  const std::string text = log.exported();
  for (const std::size_t piece : {1, 7, 100, 5000}) {
    ExportVerifier verifier({});
    for (std::size_t at = 0; at < text.size(); at += piece) verifier.take(std::string_view(text).substr(at, piece));
    const Report report = verifier.finish();
    CHECK(report.ok());
    CHECK(report.rows == 12);
    CHECK(report.notes == 3);
    CHECK(report.head == log.rows.back().hash);
  }
}

TEST_CASE("an export cut at any byte is a shorter valid log, truncated", "[audit]") {
  const std::string text = small_log().exported();
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Report report = verify_export(text.substr(0, length));
    INFO("cut at " << length);
    REQUIRE(!report.findings.empty());
    CHECK(report.findings.front().fault == Fault::truncated);
    CHECK(report.rows <= 12);
    // Cut between the erasure and the row it explains, the erased row is unexplained as well.
    CHECK(report.findings_total <= 2);
  }
}

TEST_CASE("no byte of an export can be flipped unseen", "[audit]") {
  const std::string text = small_log().exported();
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    INFO("byte " << at << " of " << text.size());
    CHECK(!verify_export(changed).ok());
  }
}

TEST_CASE("restores are named, and are no fault", "[audit][restore]") {
  Log log = small_log();
  const std::string made_at = "2026-11-30T00:00:00.000Z";
  log.append("store_restore", {{"type", "store"}, {"id", "b-1"}}, {{"made_at", made_at}});
  log.append("store_restore", {{"type", "store"}, {"id", "b-2"}}, {{"made_at", 7}});
  log.append("store_restore", {{"type", "card"}, {"id", "b-3"}});  // another act of that name
  const auto report = verify_export(log.exported());
  CHECK(report.ok());
  const Restore first{13, "b-1", to_rfc3339(kBegin + 13 * kSecond), made_at};
  const Restore second{14, "b-2", to_rfc3339(kBegin + 14 * kSecond), ""};
  CHECK((report.restores == std::vector<Restore>{first, second}));
  CHECK(report_json(kChain, report)["restores"][0]["backup_id"] == "b-1");
  log.erase(13);
  CHECK(verify_export(log.exported()).restores.front().made_at.empty());
}

TEST_CASE("what follows the end is found", "[audit]") {
  const Log log = small_log();
  CHECK(verify_export(log.exported() + "{}\n").findings.front().fault == Fault::trailing_data);
  CHECK(verify_export(log.exported() + "x").findings.front().fault == Fault::trailing_data);
}

TEST_CASE("an export under another key than the one we trust is refused", "[audit]") {
  const Log log = small_log();
  const PublicKey other = SigningKey::generate("nexusd/" + kChain.instance_id).public_key();
  CHECK(verify_export(log.exported(), {.key = other, .notes = {}, .receipts = {}}).findings.front().fault ==
        Fault::bad_signature);
}

TEST_CASE("a kept note of another installation is a fork, one of another chain tells of rows that are not here",
          "[audit]") {
  const Log log = small_log();
  const auto note_of = [&](const std::string& origin) {
    Checkpoint checkpoint = log.checkpoint_of(4, {});
    checkpoint.origin = origin;
    return make_note(checkpoint, log.key);
  };
  const auto findings = [&](const std::string& origin) {
    return verify_log(log, {.key = {}, .notes = {note_of(origin)}, .receipts = {}}).findings;
  };
  CHECK((findings("nexusd/another/t_acme/prod") == std::vector<Finding>{{Fault::fork, 4}}));
  CHECK((findings("nexusd/0197-instance/t_other/prod") == std::vector<Finding>{{Fault::truncated, 4}}));
  CHECK((findings("nexusd/0197-instance") == std::vector<Finding>{{Fault::truncated, 4}}));
}

TEST_CASE("two receipts of one row cannot both be right", "[audit]") {
  const Log log = small_log();
  const std::vector<std::pair<std::int64_t, std::string>> both = {{5, log.rows[4].hash}, {5, sha256_hex("x")}};
  CHECK(
      (verify_log(log, {.key = {}, .notes = {}, .receipts = both}).findings == std::vector<Finding>{{Fault::fork, 5}}));
}

TEST_CASE("an origin names installation, tenant and env", "[audit]") {
  const auto chain = chain_of("nexusd/i-1/t_acme/prod");
  REQUIRE(chain);
  CHECK(chain->instance_id == "i-1");
  CHECK(chain->tenant == "t_acme");
  CHECK(chain->env == "prod");
  REQUIRE(chain_of("nexusd/i-1"));
  CHECK(chain_of("nexusd/i-1")->tenant.empty());
  for (const char* none : {"", "example.com/log", "nexusd/i-1/t_acme", "nexusd/i-1//prod", "nexusd/i-1/t/prod/x"})
    CHECK(!chain_of(none));
}
