// The audit log from outside: receipts, and the chain recomputed from a stopped daemon's database by the published
// formula, with the sqlite3 or psql program and SHA-256 alone.
#include <array>
#include <cstdio>
#include <thread>

#include "daemon/base/crypto.hpp"
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::test {
namespace {

/// A command that prints the rows of a query as a JSON array, or nothing where there are none.
std::string printing(const std::string& sql, const std::filesystem::path& data_dir) {
  if (!is_on_postgres()) return "sqlite3 -readonly -json '" + (data_dir / "nexus.db").string() + "' \"" + sql + "\"";
  return "'" + (postgres_programs() / "psql").string() + "' -XAtq '" + database_of(data_dir) +
         "' -c \"SELECT json_agg(row_to_json(r)) FROM (" + sql + ") AS r\"";
}

/// The rows of a query on a database that no daemon has open, as JSON objects.
Json query(const std::filesystem::path& data_dir, const std::string& sql) {
  const std::string command = printing(sql, data_dir);
  std::string out;
  std::array<char, 65536> chunk{};
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (std::size_t count = 0; (count = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;)
    out.append(chunk.data(), count);
  REQUIRE(::pclose(pipe) == 0);
  return out.empty() ? Json::array() : parse_own_json(out);
}

struct Chain {
  std::string tenant, env;
  Json rows;
};

std::vector<Chain> chains_of(const std::filesystem::path& data_dir) {
  std::vector<Chain> out;
  for (const auto& row : query(data_dir,
                               "SELECT tenant_id, env, seq, at, action, actor, result, trace_id, body, details, "
                               "prev_hash, hash FROM audit_rows ORDER BY tenant_id, env, seq")) {
    if (out.empty() || row["tenant_id"] != out.back().tenant || row["env"] != out.back().env)
      out.push_back({row["tenant_id"], row["env"], Json::array()});
    out.back().rows.push_back(row);
  }
  return out;
}

const Chain& chain(const std::vector<Chain>& chains, const std::string& tenant, const std::string& env) {
  for (const Chain& candidate : chains)
    if (candidate.tenant == tenant && candidate.env == env) return candidate;
  throw std::runtime_error("no chain " + tenant + "/" + env);
}

/// The formula, word for word.
void verify(const Chain& chain, const std::string& instance) {
  std::string prev = sha256_hex("nexus.audit.genesis.v1\n" + instance + "\n" + chain.tenant + "\n" + chain.env + "\n");
  std::string last_time;
  std::int64_t seq = 0;
  for (const Json& row : chain.rows) {
    ++seq;
    INFO(chain.tenant << "/" << chain.env << " " << seq);
    const std::string body = row["body"], details = row["details"];
    CHECK(row["seq"] == seq);
    CHECK(row["prev_hash"] == prev);
    prev = sha256_hex("nexus.audit.v1\n" + chain.tenant + "\n" + chain.env + "\n" + std::to_string(seq) + "\n" + prev +
                      "\n" + sha256_hex(body) + "\n");
    CHECK(row["hash"] == prev);
    const Json parsed = parse_own_json(body);
    CHECK(canonical(parsed) == body);
    CHECK(canonical(parse_own_json(details)) == details);
    CHECK(parsed["details_sha256"] == sha256_hex(details));
    CHECK(parse_own_json(details)["nonce"].get<std::string>().size() == 22);
    CHECK(parsed["v"] == 1);
    CHECK(parsed["tenant"] == chain.tenant);
    CHECK(parsed["env"] == chain.env);
    CHECK(parsed["seq"] == seq);
    for (const char* name : {"action", "result", "trace_id"}) CHECK(parsed[name] == row[name]);
    std::set<std::string> names;
    for (const auto& [name, value] : parsed.items()) names.insert(name);
    CHECK(names == std::set<std::string>{"v", "tenant", "env", "seq", "at", "action", "surface", "subject", "actor",
                                         "request_id", "trace_id", "run_id", "result", "gates", "details_sha256"});
    CHECK(parsed["at"].get<std::string>() >= last_time);
    last_time = parsed["at"];
  }
}

std::vector<std::string> actions(const Chain& chain) {
  std::vector<std::string> out;
  for (const Json& row : chain.rows)
    out.push_back(row["action"].get<std::string>() + " " + row["result"].get<std::string>());
  return out;
}

Json body(const Json& row) { return parse_own_json(row["body"].get<std::string>()); }
Json details(const Json& row) { return parse_own_json(row["details"].get<std::string>()); }

const std::string kContent = "content that must not be audited";

/// What happens to one tenant, and the receipts of its chain in dev, in order.
struct Story {
  explicit Story(const DaemonOptions& options) : world(options) {}

  World world;
  Tenant tenant = world.new_tenant_with_members();
  Headers member = World::in(tenant.member, tenant.id);
  std::string instance = world.call("GET", "/version").json["instance_id"];
  std::string asset_id;
  std::vector<std::pair<std::string, std::string>> receipts;

  Answer keep(const Answer& answer) {
    receipts.emplace_back(answer.header("nexus-audit-seq"), answer.header("nexus-audit-hash"));
    return answer;
  }
  Answer post(const std::string& target, const Json& json, const Headers& more = {}) {
    return world.call("POST", target, with(member, more), json);
  }
};

void store_an_asset(Story& story) {
  // 1: presigned; a replay changes nothing
  const Headers once = {{"Idempotency-Key", "once"}};
  const Answer presigned = story.keep(story.post("/nexus/raw/presign-upload", {{"filename", "a.txt"}}, once));
  REQUIRE(story.post("/nexus/raw/presign-upload", {{"filename", "a.txt"}}, once).has("idempotency-replayed"));
  // refused by the subject: no row
  const Json wish = {{"asset_id", presigned.json["asset_id"]}, {"filename", "a.txt"}};
  CHECK(outcome(story.post("/nexus/raw/register", wish)) == "409 raw.not_uploaded");
  CHECK(outcome(story.post("/nexus/raw/register", {{"asset_id", "none"}, {"filename", "a"}})) == "404 raw.not_found");
  REQUIRE(story.world.upload(presigned.json, kContent).status == 204);
  // 2: registered, with a trace; again with the same values changes nothing and shows the first receipt
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const Answer registered = story.keep(story.post(
      "/nexus/raw/register", wish, {{"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}, {"X-Request-Id", "r-2"}}));
  REQUIRE(registered.status == 201);
  const Answer again = story.post("/nexus/raw/register", wish);
  CHECK(again.status == 200);
  CHECK(again.header("nexus-audit-seq") == registered.header("nexus-audit-seq"));
  CHECK(again.header("nexus-audit-hash") == registered.header("nexus-audit-hash"));
  CHECK(outcome(story.post("/nexus/raw/register",
                           {{"asset_id", wish["asset_id"]}, {"filename", "a.txt"}, {"size_bytes", 1}})) ==
        "409 raw.already_registered");
  story.asset_id = wish["asset_id"];
}

void be_stopped_and_looked_at(Story& story) {
  // 3: tightened, ungated; 4: blocked mutation; 5: blocked read; 6: loosened, gated
  story.keep(story.world.put_kill_switches(story.tenant.admin, story.tenant.id,
                                           {{"disabled_actions", {"raw_presign", "raw_read"}}}));
  CHECK(outcome(story.keep(story.post("/nexus/raw/presign-upload", {{"filename", "b.txt"}}))) ==
        "403 kill_switch_blocked");
  CHECK(outcome(story.keep(story.world.call("GET", "/nexus/raw", story.member))) == "403 kill_switch_blocked");
  story.keep(story.world.put_kill_switches(story.tenant.admin, story.tenant.id, {{"disabled_actions", Json::array()}}));
  // a refused version leaves no row, nor does a member's read
  CHECK(outcome(story.world.call("PUT", "/kill-switches",
                                 with(World::in(story.tenant.admin, story.tenant.id), {{"If-Match", "\"no\""}}),
                                 Json{{"reason", "x"}})) == "412 precondition.failed");
  CHECK(story.world.call("GET", "/nexus/raw", story.member).status == 200);
  // 7, 8: the system token's reads, of what is there and what is not; 9: its mutation
  const Headers root = World::in(story.world.root(), story.tenant.id);
  CHECK(story.world.call("GET", "/nexus/raw", root).status == 200);
  CHECK(story.world.call("GET", "/nexus/raw/none", root).status == 404);
  story.receipts.resize(8);
  story.keep(story.world.call("DELETE", "/nexus/raw/" + story.asset_id, root));
  CHECK(story.world.daemon().stop() == 0);
}

void hold_neither_secrets_nor_content(const std::vector<Chain>& chains) {
  for (const Chain& each : chains) {
    const std::string text = each.rows.dump();
    for (const char* secret : {kContent.c_str(), "nxr_", "eyJ", "X-Amz-Signature"})
      CHECK(text.find(secret) == std::string::npos);
  }
}

}  // namespace

TEST_CASE("the audit log has a row for each mutation and each gate's refusal, in a chain that anybody can recompute") {
  const TemporaryDirectory directory;
  const std::filesystem::path data = directory.path() / "data";
  DaemonOptions options = unlimited();
  options.data_dir = data;
  Story story(options);
  store_an_asset(story);
  be_stopped_and_looked_at(story);
  const Tenant& tenant = story.tenant;
  const auto& receipts = story.receipts;
  const std::vector<Chain> chains = chains_of(data);
  for (const Chain& each : chains) verify(each, story.instance);

  const Chain dev = chain(chains, tenant.id, "dev");
  CHECK(actions(dev) == std::vector<std::string>{"raw_presign PASS", "raw_register PASS", "kill_switch_update PASS",
                                                 "raw_presign BLOCK", "raw_read BLOCK", "kill_switch_update PASS",
                                                 "system_read PASS", "system_read PASS", "raw_delete PASS"});
  REQUIRE(dev.rows.size() == receipts.size());
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    if (receipts[i].first.empty()) continue;
    CHECK(receipts[i].first == std::to_string(i + 1));
    CHECK(dev.rows[i]["hash"] == receipts[i].second);
  }
  CHECK(body(dev.rows[1])["request_id"] == "r-2");
  CHECK(body(dev.rows[1])["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(body(dev.rows[1])["actor"]["type"] == "human");
  CHECK(body(dev.rows[1])["actor"]["id"] == tenant.member.id);
  CHECK(body(dev.rows[1])["actor"]["token"].get<std::string>().size() == 36);
  CHECK(details(dev.rows[1])["sha256"] == sha256_hex(kContent));
  CHECK(body(dev.rows[2])["gates"] == Json::array());
  CHECK(body(dev.rows[5])["gates"].size() >= 1);
  CHECK(body(dev.rows[3])["gates"][0]["verdict"] == "block");
  CHECK(body(dev.rows[6])["actor"] == Json({{"type", "system"}, {"id", "system"}, {"token", "root"}}));
  for (const std::size_t i : {std::size_t{6}, std::size_t{7}, std::size_t{8}})
    CHECK(details(dev.rows[i])["reason"] == "a test");

  // Acts of the tenant without an env, and of the instance.
  CHECK(actions(chain(chains, tenant.id, "prod")) == std::vector<std::string>(4, "member_set PASS"));
  std::map<std::string, int> count;
  for (const std::string& action : actions(chain(chains, "t_system", "prod"))) ++count[action];
  CHECK(count["tenant_create PASS"] == 3);  // t_system, t_dev and ours
  CHECK(count["user_create PASS"] == 5);
  CHECK(count["auth_failed BLOCK"] + count["authz_denied BLOCK"] == 0);

  hold_neither_secrets_nor_content(chains);
}

TEST_CASE("refusals by the guard are recorded, counted and few, in the chain of those whom they concern") {
  const TemporaryDirectory directory;
  const std::filesystem::path data = directory.path() / "data";
  DaemonOptions options = unlimited();
  options.data_dir = data;
  constexpr int kEach = 200;
  std::string tenant_id, stranger_id, instance;
  {
    World world(options);
    instance = world.call("GET", "/version").json["instance_id"];
    const Tenant tenant = world.new_tenant_with_members();
    const Person stranger = world.new_person();
    tenant_id = tenant.id;
    stranger_id = stranger.id;
    for (int i = 0; i < kEach; ++i) {
      world.call("GET", "/nexus/raw", {{"Authorization", "Bearer guess-" + std::to_string(i)}});
      world.call("GET", "/nexus/raw", World::in(stranger, tenant.id));
      world.call("GET", "/kill-switches", World::in(tenant.viewer, tenant.id));
    }
    CHECK(world.daemon().stop() == 0);
  }
  const std::vector<Chain> chains = chains_of(data);
  for (const Chain& each : chains) verify(each, instance);
  const auto counted = [](const Chain& each) {
    std::pair<int, int> rows_and_refusals;
    for (const Json& row : each.rows)
      if (row["action"] == "auth_failed" || row["action"] == "authz_denied") {
        ++rows_and_refusals.first;
        rows_and_refusals.second += details(row)["count"].get<int>();
        CHECK(row["result"] == "BLOCK");
      }
    return rows_and_refusals;
  };
  const auto [system_rows, system_refusals] = counted(chain(chains, "t_system", "prod"));
  CHECK(system_refusals == 2 * kEach);  // tokens that are none, and the stranger's
  CHECK(system_rows < kEach);
  const auto [tenant_rows, tenant_refusals] = counted(chain(chains, tenant_id, "dev"));
  CHECK(tenant_refusals == kEach);
  CHECK(tenant_rows < kEach);
}

TEST_CASE("receipts of one chain are dense, however many threads write to it") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers headers = World::in(tenant.member, tenant.id);
  constexpr int kThreads = 4, kEach = 50;
  std::vector<std::vector<Answer>> seen(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : seen)
    threads.emplace_back([&mine, &headers, address = world.daemon().address()] {
      Client client(address);
      for (int i = 0; i < kEach; ++i)
        mine.push_back(client.request("POST", "/nexus/raw/presign-upload", headers, R"({"filename":"a"})"));
    });
  for (auto& thread : threads) thread.join();
  std::set<int> all;
  for (const auto& mine : seen)
    for (int last = 0; const Answer& answer : mine) {
      world.saw(answer);
      const int seq = std::stoi(answer.header("nexus-audit-seq"));
      CHECK(seq > last);
      all.insert(last = seq);
    }
  CHECK(all.size() == kThreads * kEach);
  CHECK(*all.begin() == 1);
  CHECK(*all.rbegin() == kThreads * kEach);
}

}  // namespace nexus::test
