// Retention: events past their days go by themselves, oldest first and without a gap in what is left; the audit log
// and what people keep stay as they were. Turns of a deleted session that a kill left behind go at the next start.
#include <thread>

#include "daemon/base/clock.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

constexpr int kOld = 450, kYoung = 3;  // more old ones than one unit of the writer takes

DaemonOptions keeping(const std::filesystem::path& data, const char* what, const std::string& days) {
  DaemonOptions options = loaded(data);
  options.environment.emplace_back(what, days);
  return options;
}

Answer call_root(const DaemonProcess& daemon, const std::string& method, const std::string& target,
                 const std::string& body = {}) {
  return Client(daemon.address())
      .request(method, target,
               {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}}, body);
}

void say(const DaemonProcess& daemon, const std::string& session) {
  REQUIRE(call_root(daemon, "POST", "/nexus/memory/session/" + session + "/turn", R"({"role":"user","content":"x"})")
              .status == 201);
}

/// While no daemon runs on it.
void change(const std::filesystem::path& data, std::string_view sql, Micros value) {
  store::Connection connection({.path = data / "nexus.db"});
  REQUIRE(store::Tx(connection).run(sql, value) > 0);
}

/// The figures of /metrics that begin with `name`: whether there are some, and all are 0.
bool all_are_zero(const DaemonProcess& daemon, const std::string& name) {
  const Answer metrics = call_root(daemon, "GET", "/metrics");
  bool found = false;
  for (std::size_t at = 0; (at = metrics.body.find("\n" + name, at)) != std::string::npos; ++at) {
    found = true;
    const std::string line = metrics.body.substr(at + 1, metrics.body.find('\n', at + 1) - at - 1);
    if (!line.ends_with(" 0")) return false;
  }
  return found;
}

/// Thousands of rows of each kind that has a time.
constexpr const char* kPastTheirTime[] = {
    "INSERT INTO idempotency_keys (tenant_id, env, user_id, method, path, key, body_sha256, secret, status, headers, "
    "body, created_at) SELECT 't_dev', 'dev', 'u_dev', 'POST', '/', 'old' || i, 'x', 0, 201, '{}', '{}', i FROM n",
    "INSERT INTO denied_tokens SELECT 'old' || i, i, i FROM n",
    "INSERT INTO runs (tenant_id, env, run_id, kind, status, metadata, start_time, end_time, created_by) "
    "SELECT 't_dev', 'dev', 'old' || i, 'trace', 'completed', '{}', i, i, 'u_dev' FROM n",
    "INSERT INTO cards SELECT 't_dev', 'dev', 'old' || i, 'note', '', '{}', '', 0, 0, i, 'u_dev', i FROM n",
    "INSERT INTO raw_assets (tenant_id, env, asset_id, status, filename, key, uri, content_type, max_bytes, "
    "sha256_checked, metadata, created_at, created_by) SELECT 't_dev', 'dev', 'old' || i, 'presigned', 'a.bin', "
    "'tenants/t_dev/dev/raw/old' || i || '/a.bin', 's3://nexus/tenants/t_dev/dev/raw/old' || i || '/a.bin', "
    "'text/plain', 1, 0, '{}', i, 'u_dev' FROM n WHERE i <= 300",
    "INSERT INTO pending_objects SELECT 'tenants/t_dev/dev/raw/left' || i || '/a.bin', i FROM n"};

Json list(const DaemonProcess& daemon, const std::string& target) {
  const Answer answer = call_root(daemon, "GET", target);
  REQUIRE(answer.status == 200);
  return answer.json;
}

template <class Condition>
bool becomes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace

TEST_CASE("events past their days go, in one run of units, and nothing else does") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  {
    DaemonProcess daemon(loaded(data));
    for (int i = 0; i < kOld + kYoung; ++i) say(daemon, "s");
    REQUIRE(daemon.stop() == 0);
  }
  const std::int64_t rows = count(data, "SELECT count(*) FROM audit_rows WHERE tenant_id = 't_dev' AND env = 'dev'");
  REQUIRE(count(data, "SELECT count(*) FROM events") == kOld + kYoung);
  change(data, "UPDATE events SET created_at = created_at - ?1 WHERE seq <= 450", 8 * kDay);
  {
    DaemonProcess daemon(keeping(data, "NEXUSD_RETENTION_EVENTS_DAYS", "7"));
    CHECK(becomes_true([&] { return list(daemon, "/events?limit=200")["items"].size() == kYoung; }));
    CHECK(list(daemon, "/events?limit=200&since=2020-01-01T00:00:00Z")["items"].size() == kYoung);
    say(daemon, "s");
    CHECK(list(daemon, "/events?limit=200")["items"].size() == kYoung + 1);
    CHECK(list(daemon, "/nexus/memory/session/s?limit=200")["turns"].size() == 200);
    REQUIRE(daemon.stop() == 0);
  }
  CHECK(count(data, "SELECT min(seq) FROM events") == kOld + 1);
  CHECK(count(data, "SELECT max(seq) FROM events") == kOld + kYoung + 1);
  CHECK(count(data, "SELECT count(*) FROM memory_turns") == kOld + kYoung + 1);
  CHECK(count(data, "SELECT count(*) FROM audit_rows WHERE tenant_id = 't_dev' AND env = 'dev'") == rows + 1);
  CHECK(verify(data) == std::vector<std::string>{});
}

TEST_CASE("all that is past its time goes in one round, however much it is, and the metrics say so") {
  constexpr int many = 2500, uploads = 300;  // more than one unit takes
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  {
    DaemonProcess daemon(loaded(data));
    say(daemon, "s");
    REQUIRE(daemon.stop() == 0);
  }
  const std::int64_t rows = count(data, "SELECT count(*) FROM audit_rows WHERE tenant_id = 't_dev' AND env = 'dev'");
  for (const char* sql : kPastTheirTime)
    change(data, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) " + std::string(sql),
           many);
  {
    // The first round begins at the start, the second one a minute later.
    DaemonProcess daemon(keeping(data, "NEXUSD_RETENTION_EVENTS_DAYS", "7"));
    CHECK(becomes_true([&] { return all_are_zero(daemon, "nexus_housekeeping_waiting_"); }));
    CHECK(call_root(daemon, "GET", "/metrics").body.find("nexus_kept_rows{kind=\"audit_rows\"}") != std::string::npos);
    REQUIRE(daemon.stop() == 0);
  }
  CHECK(count(data,
              "SELECT (SELECT count(*) FROM idempotency_keys) + (SELECT count(*) FROM denied_tokens) + "
              "(SELECT count(*) FROM runs WHERE kind = 'trace' AND end_time <= 2500) + "
              "(SELECT count(*) FROM cards) + (SELECT count(*) FROM raw_assets) + "
              "(SELECT count(*) FROM pending_objects WHERE noted_at <= 2500)") == 0);  // not those of its own removals
  CHECK(count(data, "SELECT coalesce(sum(bytes), 0) FROM stored_answer_bytes") == 0);
  CHECK(count(data, "SELECT count(*) FROM audit_rows WHERE tenant_id = 't_dev' AND env = 'dev'") == rows + uploads);
  CHECK(count(data, "SELECT count(*) FROM events") == 1);
  CHECK(verify(data) == std::vector<std::string>{});
}

TEST_CASE("turns of a deleted session that are still there go at the next start, and what their events say") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::string turn;
  {
    DaemonProcess daemon(loaded(data));
    for (int i = 0; i < 250; ++i) say(daemon, "s");
    say(daemon, "other");
    turn = list(daemon, "/events?event_type=memory_turn_created&limit=2")["items"][1]["event_id"];
    REQUIRE(daemon.stop() == 0);
  }
  // As a deletion that ended before its last turns leaves it.
  change(data, "UPDATE memory_sessions SET deleted_at = ?1, deleted_by = 'u_dev' WHERE session_id = 's'", now_micros());
  {
    DaemonProcess daemon(loaded(data));
    CHECK(becomes_true([&] { return list(daemon, "/events/" + turn)["input"] == Json::object(); }));
    CHECK(list(daemon, "/nexus/memory/session/other")["turns"].size() == 1);
    REQUIRE(daemon.stop() == 0);
  }
  CHECK(count(data, "SELECT count(*) FROM memory_turns") == 1);
  CHECK(count(data, "SELECT turns_count FROM memory_sessions WHERE session_id = 's'") == 0);
}

TEST_CASE("messages past their days go, a stream that asks for them begins with a gap, and their events stay") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::string first;
  {
    DaemonProcess daemon(loaded(data));
    REQUIRE(call_root(daemon, "POST", "/chat/threads", R"({"thread_id":"t"})").status == 201);
    for (const char* text : {"one", "two", "three"}) {
      const Answer posted = call_root(daemon, "POST", "/chat/threads/t/messages", Json{{"text", text}}.dump());
      REQUIRE(posted.status == 201);
      if (first.empty()) first = posted.json.at("cursor");
    }
    REQUIRE(daemon.stop() == 0);
  }
  change(data, "UPDATE chat_messages SET created_at = created_at - ?1 WHERE text <> 'three'", 8 * kDay);
  DaemonProcess daemon(keeping(data, "NEXUSD_RETENTION_CHAT_DAYS", "7"));
  CHECK(becomes_true([&] { return list(daemon, "/chat/threads/t/messages")["items"].size() == 1; }));
  CHECK(list(daemon, "/events?event_type=chat_message")["items"].size() == 3);
  const std::string stream =
      raw_exchange(daemon.port(),
                   "GET /sse/chat/t HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + daemon.token() +
                       "\r\nX-Tenant-Id: t_dev\r\nX-Env: dev\r\nLast-Event-ID: " + first + "\r\n\r\n",
                   "resume_cursor", std::chrono::seconds(20));
  INFO(stream);
  const auto gap = stream.find("event: gap"), three = stream.find("\"three\"");
  CHECK(gap != std::string::npos);
  CHECK(stream.find("\"pruned\"") != std::string::npos);
  CHECK(three != std::string::npos);
  CHECK(gap < three);
  CHECK(stream.find("\"two\"") == std::string::npos);
}
