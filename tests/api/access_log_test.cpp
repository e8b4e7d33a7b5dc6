// The lines of the log about requests: each refusal has exactly one, with the id that the client got; none holds a
// secret, a path, a query or a text of a user; floods are sampled and counted; addresses are those of clients.
#include <algorithm>

#include "tests/api/chat_support.hpp"
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/api/ws_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

using std::chrono::steady_clock;

DaemonOptions json_log(const std::vector<std::string>& more = {}) {
  DaemonOptions options = unlimited();
  options.arguments = {"--log-format", "json"};
  options.arguments.insert(options.arguments.end(), more.begin(), more.end());
  return options;
}

/// All lines with this message, oldest first.
std::vector<Json> lines_of(const std::string& log, const std::string& message = "request") {
  std::vector<Json> lines;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = log.find('\n', at);
    if (end == std::string::npos) break;
    Json line = Json::parse(log.substr(at, end - at));
    if (line.at("message") == message) lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

/// The lines about the request with this id.
std::vector<Json> lines_about(const World& world, const std::string& request_id) {
  std::vector<Json> lines = lines_of(world.log());
  std::erase_if(lines, [&](const Json& line) { return line.at("request_id") != request_id; });
  return lines;
}

/// The one line of the request that got this answer.
Json line_of(const World& world, const Answer& answer) {
  const auto lines = lines_about(world, answer.header("x-request-id"));
  INFO(answer.status << " " << answer.body);
  REQUIRE(lines.size() == 1);
  return lines[0];
}

/// The line of a refusal says what its answer says.
void judge_line(const World& world, const Answer& answer, const std::string& wanted) {
  INFO(wanted);
  CHECK(outcome(answer) == wanted);
  const Json line = line_of(world, answer);
  CHECK(line.at("level") == "info");
  CHECK(line.at("status") == answer.status);
  CHECK(line.at("code") == answer.code());
  CHECK(line.at("bytes") == answer.body.size());
  CHECK(line.at("micros").is_number_integer());
  CHECK(line.at("trace_id") == answer.json.at("trace_id"));
  CHECK(line.at("client") == "127.0.0.1");
}

Answer raw(World& world, const std::string& bytes) { return parse_answer(raw_exchange(world.daemon().port(), bytes)); }

/// A text that could be a path or a key, and is in no line.
const std::string kCanary = "canary-7f3a91";

}  // namespace

TEST_CASE("a head that is refused unread has its line", "[log]") {
  World world(json_log());
  const std::string host = "\r\nHost: 127.0.0.1\r\n";
  for (const auto& [bytes, wanted] : std::vector<std::pair<std::string, std::string>>{
           {"BREW /tea HTTP/1.1" + host + "\r\n", "501 request.method_unknown"},
           {"GET / HTTP/3.0" + host + "\r\n", "505 request.version_unsupported"},
           {"POST /tokens HTTP/1.1" + host + "Transfer-Encoding: chunked\r\n\r\n", "411 request.length_required"},
           {"GET / HTTP/1.1" + host + "X: " + std::string(9000, 'x') + "\r\n\r\n", "431 request.head_too_large"},
           {"GET  /  HTTP/1.1" + host + "\r\n", "400 request.malformed"}}) {
    const Answer answer = raw(world, bytes);
    judge_line(world, answer, wanted);
    const Json line = line_of(world, answer);
    CHECK(line.at("route") == "none");
    CHECK_FALSE(line.contains("method"));
    CHECK_FALSE(line.contains("user"));
  }
}

TEST_CASE("each refusal before the gates has exactly one line", "[log]") {
  World world(json_log());
  const Tenant tenant = world.new_tenant_with_members();
  const Headers member = World::in(tenant.member, tenant.id), viewer = World::in(tenant.viewer, tenant.id);
  const Headers text = with(member, {{"Content-Type", "text/html"}});
  struct Case {
    std::string method, target, body, wanted;
    Headers headers;
  };
  const std::vector<Case> cases = {
      {"GET", "/livez", "", "421 host.not_allowed", {{"Host", "evil.example"}}},
      {"GET", "/livez", "", "403 origin.not_allowed", {{"Origin", "https://evil.example"}}},
      {"GET", "/nope", "", "404 route.not_found", {}},
      {"PATCH", "/livez", "", "405 route.method_not_allowed", {}},
      {"GET", "/nexus/cards", "", "401 auth.missing_token", {}},
      {"GET", "/nexus/cards", "", "401 auth.invalid_token", {{"Authorization", "Bearer nonsense"}}},
      {"GET", "/nexus/cards", "", "400 context.missing_tenant", World::as(tenant.member)},
      {"GET", "/nexus/cards", "", "400 context.missing_env", without(member, "X-Env")},
      {"GET", "/nexus/cards", "", "400 context.invalid_env", with(member, {{"X-Env", "moon"}})},
      {"GET", "/nexus/cards", "", "403 context.user_mismatch", with(member, {{"X-User-Id", "u_other"}})},
      {"GET", "/nexus/cards", "", "403 auth.not_a_member", World::in(world.new_person(), tenant.id)},
      {"GET", "/audit", "", "403 auth.insufficient_role", viewer},
      {"POST", "/nexus/search", std::string((1 << 20) + 1, ' '), "413 request.too_large", viewer},
      {"POST", "/nexus/search", "<p>", "415 request.unsupported_media_type", text},
      {"POST", "/nexus/search", "{", "400 request.invalid_json", viewer},
      {"POST", "/nexus/search", R"({"query_text":"a","color":1})", "422 validation.unknown_field", viewer},
      {"GET", "/nexus/cards?limit=0", "", "422 validation.failed", viewer},
      {"GET", "/nexus/cards?env=prod", "", "400 context.mismatch", viewer},
      {"GET", "/nexus/cards?cursor=x", "", "400 request.invalid_cursor", viewer},
      {"GET", "/nexus/cards/nothing", "", "404 card.not_found", viewer},
      {"POST", "/blobs/nexus", "x", "400 blob.form_invalid", {{"Content-Type", "multipart/form-data; boundary=b"}}},
      {"GET", "/ws/chat/nothing", "", "404 thread.not_found",
       with(viewer, {{"Connection", "Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}})}};
  for (const auto& each : cases)
    judge_line(world, world.call(each.method, each.target, each.headers, each.body), each.wanted);
}

TEST_CASE("a line names whose token was verified, and nobody where none was", "[log]") {
  World world(json_log());
  const Tenant tenant = world.new_tenant_with_members();
  const Answer found = world.call("GET", "/nexus/cards/nothing",
                                  with(World::in(tenant.viewer, tenant.id, "stage"), {{"X-Request-Id", "mine-1"}}));
  const Json line = line_of(world, found);
  const Json me = world.call("GET", "/auth/me", World::as(tenant.viewer)).json;
  CHECK(line.at("request_id") == "mine-1");
  CHECK(line.at("method") == "GET");
  CHECK(line.at("route") == "/nexus/cards/{card_id}");
  CHECK(line.at("tenant") == tenant.id);
  CHECK(line.at("env") == "staging");
  CHECK(line.at("user") == tenant.viewer.id);
  CHECK(line.at("token_id").get<std::string>().size() > 8);
  CHECK(line.size() == 16);  // and time, level, message, status, code, trace_id, bytes, micros, client

  std::string forged = tenant.viewer.token;
  forged.back() = forged.back() == 'A' ? 'E' : 'A';
  forged[forged.size() - 5] = forged[forged.size() - 5] == 'b' ? 'c' : 'b';
  const Answer refused = world.call("GET", "/nexus/cards", World::in({tenant.viewer.id, forged}, tenant.id));
  REQUIRE(outcome(refused) == "401 auth.invalid_token");
  const Json stranger = line_of(world, refused);
  for (const char* member : {"user", "token_id", "tenant", "env"}) CHECK_FALSE(stranger.contains(member));
}

TEST_CASE("refusals by gates and by the store have one line each", "[log]") {
  World world(json_log());
  const Tenant tenant = world.new_tenant_with_members();
  const Headers owner = World::in(tenant.owner, tenant.id);
  REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, {{"disabled_actions", {"raw_presign"}}}).status == 200);
  judge_line(
      world,
      world.call("POST", "/nexus/raw/presign-upload", World::in(tenant.member, tenant.id), Json{{"filename", "a.txt"}}),
      "403 kill_switch_blocked");
  REQUIRE(world.call("POST", "/chat/threads", owner, Json{{"thread_id", "twice"}}).status == 201);
  judge_line(world, world.call("POST", "/chat/threads", owner, Json{{"thread_id", "twice"}}), "409 thread.exists");
  judge_line(world, world.call("PUT", "/kill-switches", with(owner, {{"If-Match", "\"nothing\""}}), Json::object()),
             "412 precondition.failed");
}

TEST_CASE("without the access log, answers have no line; with it each has one", "[log]") {
  {
    World world(json_log());
    world.call("GET", "/auth/me", World::as(world.dev()));
    CHECK(lines_of(world.log()).empty());
  }
  World world(json_log({"--access-log"}));
  const Answer me = world.call("GET", "/auth/me", World::as(world.dev()));
  const Json line = line_of(world, me);
  CHECK(line.at("status") == 200);
  CHECK(line.at("bytes") == me.body.size());
  CHECK_FALSE(line.contains("code"));
  CHECK_FALSE(line.contains("tenant"));
  const Answer head = raw(world, "HEAD /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  CHECK(line_of(world, head).at("method") == "HEAD");
  CHECK(line_of(world, head).at("bytes") == 0);
}

TEST_CASE("a stream has its line when it opens, and each message over it one", "[log]") {
  World world(json_log({"--access-log"}));
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.member, tenant, thread);
  const Json opened = line_of(world, wire.opened());
  CHECK(opened.at("status") == 101);
  CHECK(opened.at("route") == "/ws/chat/{thread_id}");
  CHECK_FALSE(opened.contains("bytes"));
  const auto said_lines = [&] {
    auto lines = lines_of(world.log());
    std::erase_if(lines, [](const Json& line) { return line.at("route") != "/chat/threads/{thread_id}/messages"; });
    return lines;
  };
  REQUIRE(outcome_of_frame(said(world, wire, {{"text", kCanary}})) == "ack");
  REQUIRE(said_lines().size() == 1);
  CHECK(said_lines()[0].at("status") == 201);
  CHECK(said_lines()[0].at("user") == tenant.member.id);
  CHECK(said_lines()[0].at("client") == "127.0.0.1");
  const EventStream stream(world.daemon().port(), "/sse/events", World::in(tenant.owner, tenant.id));
  CHECK(line_of(world, stream.head()).at("route") == "/sse/events");
}

TEST_CASE("no line holds a secret, a path, a query, a field or a text of a user", "[log]") {
  World world(json_log({"--access-log", "--log-level", "trace", "--trusted-proxy", "127.0.0.1"}));
  const Tenant tenant = world.new_tenant_with_members();
  const Headers member = World::in(tenant.member, tenant.id);
  Headers fields;
  for (const char* name : {"User-Agent", "Referer", "Cookie", "X-Canary", "X-Reason", "X-User-Id", "Idempotency-Key",
                           "X-Forwarded-For", "If-None-Match", "Accept-Language", "X-Run-Id", "Last-Event-ID"})
    fields.emplace_back(name, kCanary);
  const std::string card = "card_type: note\ntitle: " + kCanary + "\n---\n" + kCanary;
  std::vector<Answer> answers;
  const auto call = [&](const std::string& method, const std::string& target, const Headers& headers,
                        const std::string& body = {}) { answers.push_back(world.call(method, target, headers, body)); };
  const Headers harmless = without(without(fields, "X-User-Id"), "X-Run-Id");
  const Headers system = with(World::in(world.root(), tenant.id), harmless);
  for (const Headers& headers : {Headers(), member, with(member, fields), with(member, harmless), system}) {
    call("GET", "/nexus/cards/" + kCanary + "?" + kCanary + "=" + kCanary, headers);
    call("GET", "/" + kCanary + "?ticket=" + kCanary, headers);
    call("GET", "/sse/events?ticket=" + kCanary, headers);
    call("GET", "/nexus/cards?card_type=" + kCanary, headers);
    call("POST", "/nexus/cards", with(headers, {{"Content-Type", "text/plain"}}), card);
    call("POST", "/nexus/search", headers, R"({"query_text":")" + kCanary + R"("})");
    call("POST", "/nexus/search", headers, R"({")" + kCanary + R"(":1})");
    call("POST", "/nexus/raw/presign-upload", headers, R"({"filename":")" + kCanary + R"("})");
    call("GET", "/blobs/nexus/" + kCanary + "?X-Amz-Signature=" + kCanary, headers);
    call("GET", "/nexus/cards", with(headers, {{"Authorization", "Bearer " + kCanary}}));
    call("GET", "/nexus/cards", with(headers, {{"X-Tenant-Id", kCanary}, {"X-Env", kCanary}}));
    call("GET", "/livez", with(headers, {{"Host", kCanary + ".example"}}));
    call("GET", "/livez", with(headers, {{"Origin", "https://" + kCanary}}));
  }
  answers.push_back(raw(world, kCanary + " /" + kCanary + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  CHECK(std::ranges::any_of(answers, [](const Answer& answer) { return answer.status == 201; }));
  for (const Answer& answer : answers) line_of(world, answer);  // none was lost
  const std::string log = world.log();
  CHECK(log.find(kCanary) == std::string::npos);
  for (const std::string& secret : {tenant.member.token, world.root().token, world.dev().token}) {
    CHECK(log.find(secret) == std::string::npos);
    CHECK(log.find(secret.substr(secret.rfind('.') + 1)) == std::string::npos);
  }
  // What the client may write into the log is the id of its request alone; and the search above finds what is there.
  world.call("GET", "/livez", {{"X-Request-Id", kCanary}});
  CHECK(world.log().find(kCanary) != std::string::npos);
}

TEST_CASE("a flood of refusals is sampled by tenant and code, and what was left out is counted", "[log]") {
  World world(json_log());
  const Tenant loud = world.new_tenant_with_members(), quiet = world.new_tenant_with_members();
  constexpr int kFlood = 1000, kPerSecond = 20;
  const auto began = steady_clock::now();
  Client client(world.daemon().address());
  for (int i = 0; i < kFlood; ++i) {
    client.request("GET", "/nexus/cards", {{"Authorization", "Bearer nonsense"}});
    client.request("GET", "/nexus/cards/nothing", World::in(loud.viewer, loud.id));
    // No member: its inventions share the lines of nobody.
    client.request("GET", "/nexus/cards", World::in(loud.viewer, "t_invented_" + std::to_string(i)));
  }
  const Answer other = world.call("GET", "/nexus/cards/nothing", World::in(quiet.viewer, quiet.id));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - began).count() + 1;
  CHECK(line_of(world, other).at("code") == "card.not_found");
  world.stop();
  for (const std::string code : {"auth.invalid_token", "card.not_found", "auth.not_a_member"}) {
    std::int64_t lines = 0, suppressed = 0;
    for (const Json& line : lines_of(world.log()))
      if (line.at("code") == code && line.at("request_id") != other.header("x-request-id")) ++lines;
    for (const Json& line : lines_of(world.log(), "requests were refused without a line each")) {
      if (line.at("code") != code) continue;
      suppressed += line.at("suppressed").get<std::int64_t>();
      CHECK(line.value("tenant", "") == (code == "card.not_found" ? loud.id : ""));
    }
    INFO(code << ": " << lines << " lines in " << seconds << " s");
    CHECK(lines >= kPerSecond);
    CHECK(lines <= kPerSecond * (seconds + 1) * world.daemons());
    CHECK(lines + suppressed == kFlood);
  }
}

TEST_CASE("X-Forwarded-For of a trusted proxy alone is read: its last untrusted address is the client", "[log]") {
  const auto client_of = [](World& world, const std::string& forwarded) {
    const Answer answer = world.call("GET", "/nope", {{"X-Forwarded-For", forwarded}});
    return line_of(world, answer).at("client").get<std::string>();
  };
  World trusting(json_log({"--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.0.0.0/8"}));
  CHECK(client_of(trusting, "203.0.113.9") == "203.0.113.9");
  CHECK(client_of(trusting, "1.1.1.1, 203.0.113.9, 10.0.0.7") == "203.0.113.9");
  CHECK(client_of(trusting, "2001:db8::7") == "2001:db8::7");
  CHECK(client_of(trusting, kCanary) == "127.0.0.1");
  World plain(json_log());
  CHECK(client_of(plain, "203.0.113.9") == "127.0.0.1");
  World elsewhere(json_log({"--trusted-proxy", "10.0.0.0/8"}));
  CHECK(client_of(elsewhere, "203.0.113.9") == "127.0.0.1");
}

TEST_CASE("addresses can be switched off", "[log]") {
  DaemonOptions options = json_log({"--trusted-proxy", "127.0.0.1"});
  options.environment.emplace_back("NEXUSD_LOG_ADDRESSES", "false");
  World world(options);
  const Answer answer = world.call("GET", "/nope", {{"X-Forwarded-For", "203.0.113.9"}});
  CHECK_FALSE(line_of(world, answer).contains("client"));
  CHECK(world.log().find("203.0.113.9") == std::string::npos);
}

TEST_CASE("a start says how much disk is free, and whether the last daemon ended without closing its store", "[log]") {
  if (skipped_on_postgres("the server of the store closes it, and knows its disk")) return;
  const TemporaryDirectory directory;
  DaemonOptions options = json_log();
  options.data_dir = directory.path() / "data";
  const auto recovered = [&](bool crash) {
    DaemonProcess daemon(options);
    const auto disk = lines_of(daemon.log(), "disk");
    CHECK(disk.size() == 1);
    if (!disk.empty()) CHECK(disk[0].at("free_bytes").get<std::uint64_t>() > 0);
    const bool said =
        !lines_of(daemon.log(), "recovered after an unclean stop: the log of the database was there, and was read")
             .empty();
    crash ? daemon.kill() : static_cast<void>(daemon.stop());
    return said;
  };
  CHECK_FALSE(recovered(false));
  CHECK_FALSE(recovered(true));
  CHECK(recovered(false));
  CHECK_FALSE(recovered(false));
}

}  // namespace nexus::test
