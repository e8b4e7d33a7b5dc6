// What takes long is judged as it goes: an export ends with the membership of its reader, a page of a list ends at a
// MiB, and no id tells what others do meanwhile.
#include <array>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/support/wire.hpp"

namespace nexus::test {
namespace {

constexpr int kExportPage = 500;                  // rows
constexpr std::size_t kUnread = 5 * 1024 * 1024;  // more than a kernel keeps for one who does not read

struct Log {
  World world{unlimited()};
  Tenant tenant = world.new_tenant_with_members();

  /// Grows the chain by two pages of rows so large that one page does not fit the sockets' buffers.
  void grow() {
    Json names = Json::array();
    for (int i = 100; i < 180; ++i)
      names.push_back("an_action_of_a_very_long_name_that_fills_the_row_to_its_end_" + std::to_string(i));
    const std::string body = Json{{"disabled_actions", names}}.dump(), none = R"({"disabled_actions":[]})";
    std::array<std::vector<Answer>, 4> answers;  // several clients share a group's commit
    std::vector<std::jthread> clients;
    for (auto& mine : answers) {
      clients.emplace_back([&] {
        Client client(world.daemon().address());
        for (std::size_t i = 0; i < 2 * kExportPage / answers.size(); ++i)
          mine.push_back(
              client.request("PUT", "/kill-switches", World::in(tenant.owner, tenant.id), i % 2 == 0 ? body : none));
      });
    }
    clients.clear();
    for (const auto& mine : answers)
      for (const Answer& answer : mine) world.saw(answer);
  }
  /// An export whose reader has read a first piece, and then waits.
  std::unique_ptr<Wire> begin_export(const Person& reader, std::string& begin) {
    auto wire = std::make_unique<Wire>(world.daemon().port());
    std::string head = "GET /audit/export HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    for (const auto& [name, value] : World::in(reader, tenant.id)) head += name + ": " + value + "\r\n";
    wire->send(head + "\r\n");
    begin = wire->take(4096);
    return wire;
  }
};

bool has_end(const std::string& text) { return text.find(R"({"end":true)") != std::string::npos; }
bool has_last_chunk(const std::string& text) { return text.ends_with("0\r\n\r\n"); }

}  // namespace

TEST_CASE("an export ends with the right of its reader, and then has no end line", "[audit]") {
  Log log;
  log.grow();
  const auto after = [&](const Person& reader, const std::function<void()>& happens) {
    std::string text;
    const auto wire = log.begin_export(reader, text);
    REQUIRE(text.starts_with("HTTP/1.1 200"));
    happens();
    std::string more;
    do text += more = wire->take(1 << 20);
    while (!more.empty());
    return text;
  };
  const std::string whole = after(log.tenant.owner, [] {});
  CHECK(whole.size() > kUnread);
  CHECK(has_end(whole));
  CHECK(has_last_chunk(whole));

  const std::string cut = after(log.tenant.admin, [&] {
    const Answer gone = log.world.call("DELETE", "/tenants/" + log.tenant.id + "/members/" + log.tenant.admin.id,
                                       World::as(log.tenant.owner));
    REQUIRE(gone.status == 204);
  });
  CHECK(cut.size() < whole.size());
  CHECK(!has_end(cut));
  CHECK(!has_last_chunk(cut));
  // The removal's own row is in the chain of prod; what was written in this one since is not in it either.
  const Person second = log.world.new_person();
  log.world.set_member(log.tenant.id, second.id, "admin");
  const std::string switched = after(second, [&] {
    REQUIRE(
        log.world.put_kill_switches(log.tenant.owner, log.tenant.id, {{"disabled_actions", {"audit_read"}}}).status ==
        200);
  });
  CHECK(!has_end(switched));
  CHECK(log.world.daemon().log().find("ended unexpectedly") == std::string::npos);
}

// ---- lists ----------------------------------------------------------------------------------------------------------

TEST_CASE("a page of large items ends at a MiB, and all of them are listed once", "[lists]") {
  World& world = lenient_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers member = World::in(tenant.member, tenant.id);
  constexpr std::size_t kMiB = 1024 * 1024;
  constexpr int kCards = 12, kTurns = 40;
  const std::string body(250'000, 'x'), content(60'000, 'y');
  for (int i = 0; i < kCards; ++i)
    REQUIRE(world
                .call("POST", "/nexus/cards", with(member, {{"Content-Type", "text/plain"}}),
                      "card_type: note\n---\n" + body)
                .status == 201);
  for (int i = 0; i < kCards; ++i) {
    const std::string name = "app-" + std::to_string(i);
    REQUIRE(world
                .call("PUT", "/nexus/settings/apps/" + name,
                      with(World::in(tenant.admin, tenant.id), {{"Content-Type", "text/plain"}}),
                      "card_type: app_definition\nname: " + name + "\n---\n" + body)
                .status == 201);
  }
  for (int i = 0; i < kTurns; ++i)
    REQUIRE(world.call("POST", "/nexus/memory/session/s/turn", member, Json{{"role", "user"}, {"content", content}})
                .status == 201);
  struct List {
    std::string target, items, id;
    int count;
  };
  for (const List& list :
       {List{"/nexus/cards", "items", "card_id", 2 * kCards}, List{"/nexus/settings/apps", "items", "card_id", kCards},
        List{"/nexus/memory/session/s", "turns", "turn_id", kTurns}}) {
    INFO(list.target);
    std::set<std::string> seen;
    std::string cursor;
    int pages = 0, items = 0;
    do {
      const Answer page =
          world.call("GET", list.target + "?limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor), member);
      REQUIRE(page.status == 200);
      CHECK(page.body.size() <= kMiB);
      CHECK(!page.json[list.items].empty());
      for (const Json& item : page.json[list.items]) seen.insert(item[list.id].get<std::string>());
      items += static_cast<int>(page.json[list.items].size());
      cursor = page.json["next_cursor"].is_null() ? "" : page.json["next_cursor"].get<std::string>();
      ++pages;
    } while (!cursor.empty());
    CHECK(pages > 1);
    CHECK(items == list.count);
    CHECK(seen.size() == static_cast<std::size_t>(list.count));
  }
}

TEST_CASE("an item larger than a page stands alone in it", "[lists]") {
  World& world = lenient_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers admin = with(World::in(tenant.admin, tenant.id), {{"Content-Type", "text/plain"}});
  // A byte of it takes six in JSON, twice: in body_text and in full_text.
  const std::string text = "card_type: surface_settings\n---\n" + std::string(200'000, '\x01');
  for (int i = 0; i < 3; ++i) REQUIRE(world.call("PUT", "/nexus/settings/surface", admin, text).status / 100 == 2);
  const Answer page = world.call("GET", "/nexus/settings/surface?history=true", World::in(tenant.viewer, tenant.id));
  CHECK(page.json["items"].size() == 1);
  CHECK(page.json["next_cursor"].is_string());
}

TEST_CASE("an item of the list of cards says its text once", "[lists]") {
  World& world = lenient_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers member = World::in(tenant.member, tenant.id);
  REQUIRE(world
              .call("POST", "/nexus/cards", with(member, {{"Content-Type", "text/plain"}}),
                    std::string("card_type: note\n---\nhello"))
              .status == 201);
  const Json item = world.call("GET", "/nexus/cards", member).json["items"][0];
  CHECK(item["body_text"] == "hello");
  CHECK(!item.contains("full_text"));
}

TEST_CASE("whoever was put out while his search was on its way finds nothing", "[lists]") {
  World& world = lenient_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string body = R"({"query_text":"x"})";
  Wire wire(world.daemon().port());
  std::string head =
      "POST /nexus/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\nExpect: 100-continue\r\n";
  for (const auto& [name, value] : World::in(tenant.viewer, tenant.id)) head += name + ": " + value + "\r\n";
  wire.send(head + "\r\n");
  REQUIRE(wire.answer().status == 100);  // the head was judged
  REQUIRE(
      world.call("DELETE", "/tenants/" + tenant.id + "/members/" + tenant.viewer.id, World::as(tenant.owner)).status ==
      204);
  wire.send(body);
  CHECK(outcome(wire.answer()) == "403 auth.not_a_member");
}

// ---- ids ------------------------------------------------------------------------------------------------------------

TEST_CASE("no id tells how much others do", "[ids]") {
  World& world = lenient_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers member = World::in(tenant.member, tenant.id);
  constexpr int kIds = 300;
  std::set<std::string> milliseconds, behind, requests;
  for (int i = 0; i < kIds; ++i) {
    const Answer made = world.call("POST", "/maybes/items", member, Json{{"title", "t"}});
    REQUIRE(made.status == 201);
    const std::string id = made.json["item_id"];
    CHECK(id[14] == '7');
    if (milliseconds.insert(id.substr(0, 13)).second) behind.insert(id.substr(15, 3));  // within one, ids rise by steps
    const std::string request = made.header("x-request-id");
    CHECK(request[14] == '4');
    requests.insert(request.substr(0, 8));
  }
  // A counter within the millisecond shows a handful of small numbers here.
  CHECK(milliseconds.size() > 20);
  CHECK(behind.size() > milliseconds.size() * 3 / 4);
  CHECK(requests.size() == kIds);
}

TEST_CASE("the ids of one batch rise", "[ids]") {
  World& world = lenient_world();
  const Tenant tenant = world.new_tenant_with_members();
  const Headers member = World::in(tenant.member, tenant.id);
  Json batch = Json::array();
  for (int i = 0; i < 500; ++i)
    batch.push_back({{"provider", "openai"},
                     {"tokens_input", 1},
                     {"tokens_output", 1},
                     {"cost", {{"amount_micros", 1}, {"currency", "USD"}}}});
  const Answer made = world.call("POST", "/budget/usage", member, batch);
  REQUIRE(made.status == 201);
  std::string last;
  for (const Json& item : made.json["items"]) {
    CHECK(item["usage_id"].get<std::string>() > last);
    last = item["usage_id"];
  }
}

}  // namespace nexus::test
