// Lines of cards and settings.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

Filled text(const std::string& target, const std::string& body) { return {target, body, "text/plain"}; }

Filled new_card(const Stage&) { return text("/nexus/cards", "card_type: swept\n---\na body\n"); }

Fill of_card(const std::string& creator) {
  return [creator](const Stage& stage) {
    // Its creator is the one who asks, when he may create at all.
    const bool own = stage.who.id == stage.tenant.member.id;
    const Person& maker = creator == "asker" && own ? stage.tenant.member : stage.tenant.owner;
    const Headers headers = with(World::in(maker, stage.tenant.id, stage.env), {{"Content-Type", "text/plain"}});
    const Filled card = new_card(stage);
    const Answer made = stage.world.call("POST", card.target, headers, card.body);
    return Filled{"/nexus/cards/" + made.json.at("card_id").get<std::string>()};
  };
}

/// A document that is there already, so that the answer is always 200.
Fill put(const std::string& target, const std::string& body) {
  return [target, body](const Stage& stage) {
    const Headers headers =
        with(World::in(stage.tenant.owner, stage.tenant.id, stage.env), {{"Content-Type", "text/plain"}});
    stage.world.call("PUT", target, headers, body);
    return text(target, body);
  };
}

}  // namespace

Lines card_lines() {
  const std::string settings = "/nexus/settings";
  return {
      {"POST /nexus/cards", "member", "card_create", "full", 201, new_card},
      {"GET /nexus/cards", "viewer", "card_read", "read", 200, just("/nexus/cards")},
      {"GET /nexus/cards/{card_id}", "viewer", "card_read", "read", 200, of_card("owner")},
      {"DELETE /nexus/cards/{card_id}", "member", "card_delete", "full", 204, of_card("asker")},
      {"GET /nexus/settings/surface", "viewer", "settings_read", "read", 200, just(settings + "/surface")},
      {"PUT /nexus/settings/surface", "admin", "settings_write", "full", 200,
       put(settings + "/surface", "card_type: surface_settings\n---\n")},
      {"GET /nexus/settings/apps", "viewer", "settings_read", "read", 200, just(settings + "/apps")},
      {"GET /nexus/settings/apps/{name}", "viewer", "settings_read", "read", 200, just(settings + "/apps/swept")},
      {"PUT /nexus/settings/apps/{name}", "admin", "settings_write", "full", 200,
       put(settings + "/apps/swept", "card_type: app_definition\nname: swept\n---\n")},
      {"GET /nexus/settings/connectors", "viewer", "settings_read", "read", 200, just(settings + "/connectors")},
      {"GET /nexus/settings/connectors/{name}", "viewer", "settings_read", "read", 200,
       just(settings + "/connectors/swept")},
      {"PUT /nexus/settings/connectors/{name}", "admin", "settings_write", "full", 200,
       put(settings + "/connectors/swept", "card_type: connector_config\nname: swept\n---\n")},
  };
}

}  // namespace nexus::test
