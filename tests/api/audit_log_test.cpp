// The audit log through the daemon's public surface: what is written is found, exported, signed, erased and verified.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

using namespace nexus::test;
using nexus::Json;
using nexus::parse_own_json;

namespace {

/// A tenant's log, asked as its owner.
struct Log {
  World& world;
  Tenant tenant;
  explicit Log(World& world_) : world(world_), tenant(world_.new_tenant_with_members()) {}

  Headers owner() const { return World::in(tenant.owner, tenant.id); }
  Answer get(const std::string& target) const { return world.call("GET", target, owner()); }
  /// An act of the tenant's; answers its seq.
  std::string act(const std::string& reason = "an act") const {
    return world.put_kill_switches(tenant.owner, tenant.id, {{"reason", reason}}).header("nexus-audit-seq");
  }
  Answer checkpoint() const { return world.call("POST", "/audit/checkpoint", owner()); }
  Answer erase(const std::string& seq) const {
    return world.call("POST", "/audit/" + seq + "/erase", owner(), Json{{"reason", "privacy"}});
  }
};

std::vector<std::int64_t> seqs(const Answer& answer) {
  std::vector<std::int64_t> out;
  for (const auto& item : answer.json.at("items")) out.push_back(item.at("seq"));
  return out;
}

std::vector<Json> lines_of(const std::string& body) {
  std::vector<Json> lines;
  std::istringstream text(body);
  for (std::string line; std::getline(text, line);) lines.push_back(parse_own_json(line));
  return lines;
}

}  // namespace

TEST_CASE("the audit log is queried newest first, by filter and page", "[audit]") {
  const Log log(shared_world());
  for (int i = 0; i < 5; ++i) log.act();
  CHECK(log.checkpoint().status == 201);
  CHECK((seqs(log.get("/audit")) == std::vector<std::int64_t>{6, 5, 4, 3, 2, 1}));
  CHECK((seqs(log.get("/audit?action=audit_checkpoint")) == std::vector<std::int64_t>{6}));
  CHECK(seqs(log.get("/audit?actor=" + log.tenant.owner.id)).size() == 6);
  CHECK(seqs(log.get("/audit?actor=u_nobody")).empty());
  CHECK(seqs(log.get("/audit?result=BLOCK")).empty());
  CHECK(seqs(log.get("/audit?until=2020-01-01T00:00:00.000Z")).empty());
  CHECK(seqs(log.get("/audit?since=2020-01-01T00:00:00Z")).size() == 6);
  CHECK(seqs(log.get("/audit?since=2099-01-01T00:00:00Z")).empty());
  const Json third = log.get("/audit/3").json;
  CHECK((seqs(log.get("/audit?trace_id=" + third["body"]["trace_id"].get<std::string>())) ==
         std::vector<std::int64_t>{3}));
  const std::string at = third["body"]["at"];
  for (const std::int64_t seq : seqs(log.get("/audit?since=" + at))) CHECK(seq >= 1);

  const Answer first = log.get("/audit?limit=4");
  CHECK((seqs(first) == std::vector<std::int64_t>{6, 5, 4, 3}));
  const Answer rest = log.get("/audit?limit=4&cursor=" + first.json["next_cursor"].get<std::string>());
  CHECK((seqs(rest) == std::vector<std::int64_t>{2, 1}));
  CHECK(rest.json["next_cursor"].is_null());
}

TEST_CASE("the audit log is queried by token, request and run", "[audit]") {
  const Log log(shared_world());
  log.act();
  const Headers member = World::in(log.tenant.member, log.tenant.id);
  const std::string run = log.world.call("POST", "/nexus/runs", member, Json{{"kind", "research"}}).json.at("run_id");
  const Headers traced = with(member, {{"X-Run-Id", run},
                                       {"X-Request-Id", "traced-1"},
                                       {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  REQUIRE(log.world.call("POST", "/nexus/raw/presign-upload", traced, Json{{"filename", "a"}}).status == 200);
  log.act();
  const std::string token = log.get("/audit/3").json["body"]["actor"]["token"];
  CHECK((seqs(log.get("/audit?token_id=" + token)) == std::vector<std::int64_t>{3, 2}));
  CHECK((seqs(log.get("/audit?run_id=" + run)) == std::vector<std::int64_t>{3}));
  // A request that brought a trace of its own, and one whose trace is its own id.
  CHECK((seqs(log.get("/audit?request_id=traced-1")) == std::vector<std::int64_t>{3}));
  const std::string plain = log.get("/audit/4").json["body"]["request_id"];
  CHECK((seqs(log.get("/audit?request_id=" + plain)) == std::vector<std::int64_t>{4}));
  CHECK((seqs(log.get("/audit?token_id=" + token + "&run_id=" + run + "&request_id=traced-1&result=PASS")) ==
         std::vector<std::int64_t>{3}));
  for (const char* name : {"token_id", "request_id", "run_id"})
    CHECK(seqs(log.get("/audit?" + std::string(name) + "=none")).empty());
  CHECK(seqs(log.get("/audit?limit=1&token_id=" + token)).size() == 1);
  CHECK(outcome(log.get("/audit?token=" + token)) == "422 validation.unknown_field");
}

TEST_CASE("a row is shown as it was sealed, and only to its own tenant and env", "[audit]") {
  const Log log(shared_world());
  const Log other(shared_world());
  const std::string seq = log.act();
  const Answer row = log.get("/audit/" + seq);
  REQUIRE(row.status == 200);
  CHECK(row.json["body"]["action"] == "kill_switch_update");
  CHECK(row.json["body"]["tenant"] == log.tenant.id);
  CHECK(row.json["body"]["result"] == "PASS");
  CHECK(row.json["details"].contains("nonce"));
  CHECK(outcome(other.get("/audit/" + seq)) == "404 audit_row.not_found");
  for (const char* bad : {"0", "-1", "01", "x", "999999", "99999999999999999999"})
    CHECK(outcome(log.get("/audit/" + std::string(bad))) == "404 audit_row.not_found");
  CHECK(log.world.call("GET", "/audit/" + seq, World::in(log.tenant.owner, log.tenant.id, "staging")).status == 404);
  CHECK(outcome(log.world.call("GET", "/audit", World::in(log.tenant.member, log.tenant.id))) ==
        "403 auth.insufficient_role");
  CHECK(outcome(log.get("/audit?actoin=x")) == "422 validation.unknown_field");
}

TEST_CASE("a checkpoint covers every row before it, and its key is public", "[audit]") {
  const Log log(shared_world());
  log.act();
  log.act();
  const Answer made = log.checkpoint();
  REQUIRE(made.status == 201);
  CHECK(made.json["size"] == 2);
  CHECK(made.header("nexus-audit-seq") == "3");
  const std::string note = made.json["note"];
  CHECK(note.starts_with("nexusd/"));
  CHECK(note.find("/" + log.tenant.id + "/dev\n2\n") != std::string::npos);
  CHECK(log.world.call("GET", "/version").json["checkpoint_key"] == made.json["checkpoint_key"]);
  CHECK(log.get("/audit/3").json["body"]["action"] == "audit_checkpoint");
}

TEST_CASE("the daemon verifies its own log", "[audit]") {
  const Log log(shared_world());
  CHECK(log.get("/audit/verify").json["rows"] == 0);
  log.act();
  log.checkpoint();
  const Answer verdict = log.get("/audit/verify");
  REQUIRE(verdict.status == 200);
  CHECK(verdict.json["ok"] == true);
  CHECK(verdict.json["rows"] == 2);
  // The second is the checkpoint's own row. It is signed too where a note was due just then.
  const Json rows = verdict.json["checkpointed_rows"];
  CHECK((rows == 1 || rows == 2));
  CHECK(verdict.json["findings"].empty());
  CHECK(verdict.json["signers"] ==
        Json::array({{{"key", verdict.json["checkpoint_key"]}, {"rows", rows}, {"replaces_lost", false}}}));
}

TEST_CASE("erased details are gone, said so, and the log still verifies", "[audit]") {
  const Log log(shared_world());
  const std::string seq = log.act("a secret of somebody's");
  const Answer erased = log.erase(seq);
  REQUIRE(erased.status == 200);
  CHECK(erased.header("nexus-audit-seq") == "2");
  CHECK(log.get("/audit/" + seq).json["details"].is_null());
  const Json row = log.get("/audit/2").json;
  CHECK(row["body"]["action"] == "audit_erase");
  CHECK(row["body"]["subject"]["id"] == seq);
  CHECK(row["details"]["seq"] == 1);
  CHECK(row["details"]["reason"] == "privacy");
  CHECK(log.get("/audit/export").body.find("a secret of somebody's") == std::string::npos);
  CHECK(log.get("/audit/verify").json["ok"] == true);

  const Answer again = log.erase(seq);
  CHECK(again.status == 200);
  CHECK(again.header("nexus-audit-seq") == "2");
  CHECK(log.get("/audit").json["items"].size() == 2);
  CHECK(outcome(log.erase("77")) == "404 audit_row.not_found");
  CHECK(outcome(log.world.call("POST", "/audit/1/erase", World::in(log.tenant.admin, log.tenant.id),
                               Json{{"reason", "x"}})) == "403 auth.insufficient_role");
  CHECK(log.world.call("POST", "/audit/1/erase", log.owner(), Json::object()).status == 422);
}

TEST_CASE("an export holds every row and checkpoint, in chunks or until the connection ends", "[audit]") {
  const Log log(shared_world());
  for (int i = 0; i < 3; ++i) log.act();
  log.checkpoint();
  const Answer answer = log.get("/audit/export");
  REQUIRE(answer.status == 200);
  CHECK(answer.header("content-type") == "application/x-ndjson");
  CHECK(answer.header("transfer-encoding") == "chunked");
  const auto lines = lines_of(answer.body);
  REQUIRE(lines.size() == 8);
  CHECK(lines[0]["nexus_audit_export"] == 2);
  CHECK(lines[0]["checkpoint_keys"] == Json::array({log.world.call("GET", "/version").json["checkpoint_key"]}));
  CHECK(lines[1]["seq"] == 1);
  CHECK(lines[4].contains("checkpoint"));
  // The last one was made for the export, behind the last row; no row is left that no note signs.
  CHECK(lines[6]["checkpoint"].get<std::string>().find("/dev\n4\n") != std::string::npos);
  CHECK(lines[7]["end"] == true);
  CHECK(lines[7]["rows"] == 4);

  std::string request = "GET /audit/export HTTP/1.0\r\nHost: localhost\r\n";
  for (const auto& [name, value] : log.owner()) request += name + ": " + value + "\r\n";
  const Answer old = parse_answer(raw_exchange(log.world.daemon().port(), request + "\r\n"));
  CHECK(old.status == 200);
  CHECK(!old.has("transfer-encoding"));
  CHECK(!old.has("content-length"));
  CHECK(old.body == answer.body);  // no other note is made for what is signed already
  CHECK(log.world.call("HEAD", "/audit/export", log.owner()).body.empty());
}

TEST_CASE("an export ends with the row that its last note signs, while others write", "[audit]") {
  const Log log(shared_world());
  log.act();
  std::atomic<bool> enough = false;
  std::vector<Answer> answers;
  std::thread writer([&] {
    Client client(log.world.daemon().address());
    while (!enough) answers.push_back(client.request("PUT", "/kill-switches", log.owner(), R"({"reason":"more"})"));
  });
  for (int i = 0; i < 10; ++i) {
    const auto lines = lines_of(log.get("/audit/export").body);
    const std::string rows = lines.back()["rows"].dump();
    const Json& note = lines[lines.size() - 2];
    CHECK(note.value("checkpoint", "").find("/dev\n" + rows + "\n") != std::string::npos);
  }
  enough = true;
  writer.join();
  for (const auto& answer : answers) log.world.saw(answer);
  CHECK(log.get("/audit/verify").json["ok"] == true);
}

TEST_CASE("an export of an empty log is empty, and whole", "[audit]") {
  const Log log(shared_world());
  const auto lines = lines_of(log.get("/audit/export").body);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1]["rows"] == 0);
}

TEST_CASE("an independent verifier agrees with an export, and with no changed one", "[audit]") {
  const Log log(shared_world());
  const TemporaryDirectory directory;
  const auto file = directory.path() / "export.ndjson";
  const auto note = directory.path() / "kept.note";
  log.act("\u00fcml\u00e4ut \"quoted\" \\ \t tab");
  log.act();
  std::ofstream(note) << log.checkpoint().json["note"].get<std::string>();
  log.erase("1");
  log.checkpoint();
  const std::string text = log.get("/audit/export").body;
  const auto agrees = [&](const std::string& content) {
    std::ofstream(file, std::ios::binary) << content;
    const std::string command = "python3 " NEXUS_SOURCE_DIR "/tests/audit/verify.py " + file.string() + " " +
                                note.string() + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  };
  CHECK(agrees(text));
  for (const std::size_t at :
       {text.find("\"body\"") + 30, text.find("\"hash\"") + 10, text.find("checkpoint\":\"") + 60}) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK(!agrees(changed));
  }
  CHECK(!agrees(text.substr(0, text.rfind("{\"end\""))));
}

TEST_CASE("a thousand rows are signed without being asked", "[audit]") {
  const Log log(shared_world());
  for (int i = 0; i < 1100; ++i) log.act();
  std::int64_t signed_rows = 0;
  for (int tries = 0; tries < 100 && signed_rows == 0; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    signed_rows = log.get("/audit/verify").json["checkpointed_rows"];
  }
  CHECK(signed_rows > 0);
  CHECK(log.get("/audit/verify").json["ok"] == true);
}

TEST_CASE("what was written is signed at the latest when the daemon stops", "[audit]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  {
    DaemonProcess daemon({.data_dir = data});
    CHECK((std::filesystem::status(data / "keys" / "checkpoint.key").permissions() & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK(daemon.stop() == 0);
  }
  const DaemonProcess daemon({.data_dir = data});
  Client client(daemon.address());
  const Answer verdict = client.request(
      "GET", "/audit/verify",
      {{"Authorization", "Bearer " + daemon.root_token()}, {"X-Tenant-Id", "t_system"}, {"X-Env", "prod"}});
  REQUIRE(verdict.status == 200);
  CHECK(verdict.json["ok"] == true);
  CHECK(verdict.json["checkpoints"] == 1);
}
