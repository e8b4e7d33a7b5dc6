// Sweeps over every route with a body: the body is on its way when the right of who sends it ends. What was begun is
// judged again at its end, and leaves nothing.
#include "tests/api/expect.hpp"
#include "tests/api/media_support.hpp"
#include "tests/api/routes.hpp"
#include "tests/api/signed_token.hpp"
#include "tests/catch.hpp"
#include "tests/support/wire.hpp"

namespace nexus::test {
namespace {

/// A request of which the last byte has not been sent.
struct Begun {
  ApiRoute route;
  std::unique_ptr<Wire> wire;
  char last = 0;

  Answer end() {
    wire->send(std::string_view(&last, 1));
    return wire->answer();
  }
};

/// Sends all but the last byte, the body only once the head was judged and found good.
Begun begin(const ApiRoute& route, const Stage& stage, const Filled& filled) {
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  std::string head = route.method + " " + filled.target + " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n";
  for (const auto& [name, value] : good_headers(route, stage, filled)) head += name + ": " + value + "\r\n";
  head += "Content-Length: " + std::to_string(filled.body.size()) + "\r\n\r\n";
  Begun begun{route, std::make_unique<Wire>(stage.world.daemon().port()), filled.body.back()};
  begun.wire->send(head);
  INFO(route.name());
  CHECK(begun.wire->take(go_on.size()) == go_on);
  begun.wire->send(filled.body.substr(0, filled.body.size() - 1));
  return begun;
}

/// An owner of a tenant and every request with a body that he may send.
struct Sender {
  Media media;
  std::vector<std::pair<ApiRoute, Filled>> requests;
  std::vector<Begun> begun;

  Sender() {
    const Stage stage{media.world, media.tenant, media.tenant.owner};
    for (const ApiRoute& route : all_routes(media.world)) {
      if (!route.needs_token() || route.line.access == "system") continue;
      Filled filled = route.line.fill(stage);
      if (!filled.body.empty()) requests.emplace_back(route, std::move(filled));
    }
    REQUIRE(requests.size() > 30);
  }

  void begin_all(const Person& who) {
    const Stage stage{media.world, media.tenant, who};
    for (const auto& [route, filled] : requests) begun.push_back(begin(route, stage, filled));
  }

  /// With `tenant_alone`, what the end of the right does not touch is done.
  void end_all(const std::string& refusal, bool tenant_alone = false) {
    const auto files = media.files();
    for (Begun& request : begun) {
      const Answer answer = request.end();
      media.world.saw(answer);
      INFO(request.route.name());
      const bool stands = tenant_alone && !request.route.has_tenant();
      CHECK(outcome(answer) == (stands ? request.route.done() : refusal));
    }
    CHECK(eventually([&] { return media.files() == files; }));
  }
};

}  // namespace

TEST_CASE("a request whose token's time ends while its body is on the way is refused, and leaves nothing", "[tokens]") {
  Sender sender;
  World& world = sender.media.world;
  const Person brief = lasting(world, sender.media.tenant.owner, 5);
  sender.begin_all(brief);
  const auto state = [&] { return outcome(world.call("GET", "/auth/me", World::as(brief))); };
  REQUIRE(eventually([&] { return state() == "401 auth.token_expired"; }));
  sender.end_all("401 auth.token_expired");
}

TEST_CASE("a request whose token is revoked while its body is on the way is refused, and leaves nothing", "[tokens]") {
  Sender sender;
  World& world = sender.media.world;
  const Person& owner = sender.media.tenant.owner;
  const Answer made = world.call("POST", "/tokens", World::as(owner), Json::object());
  sender.begin_all({owner.id, made.json.at("token")});
  REQUIRE(outcome(world.call("DELETE", "/tokens/" + made.json.at("token_id").get<std::string>(), World::as(owner))) ==
          "204");
  sender.end_all("401 auth.token_revoked");
}

TEST_CASE("a stored answer is not told to whoever is put out while his body is on the way") {
  Media media;
  const Person& member = media.tenant.member;
  const Filled card{"/nexus/cards", "card_type: note\n---\nbody", "text/plain", {{"Idempotency-Key", "once"}}};
  const Headers headers = with(World::in(member, media.tenant.id), card.headers);
  const Headers typed = with(headers, {{"Content-Type", card.content_type}});
  REQUIRE(media.world.call("POST", card.target, typed, card.body).status == 201);
  for (const ApiRoute& route : all_routes(media.world)) {
    if (route.name() != "POST /nexus/cards") continue;
    Begun begun = begin(route, {media.world, media.tenant, member}, card);
    REQUIRE(outcome(media.world.call("DELETE", "/tenants/" + media.tenant.id + "/members/" + member.id,
                                     World::as(media.tenant.owner))) == "204");
    const Answer answer = begun.end();
    CHECK(outcome(answer) == "403 auth.not_a_member");
  }
}

TEST_CASE("a request whose sender is put out while its body is on the way is refused, and leaves nothing") {
  Sender sender;
  World& world = sender.media.world;
  const Tenant& tenant = sender.media.tenant;
  sender.begin_all(tenant.owner);
  const Person heir = world.new_person();
  world.set_member(tenant.id, heir.id, "owner");
  REQUIRE(outcome(world.call("DELETE", "/tenants/" + tenant.id + "/members/" + tenant.owner.id, World::as(heir))) ==
          "204");
  sender.end_all("403 auth.not_a_member", true);
}

}  // namespace nexus::test
