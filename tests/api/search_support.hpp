// What the tests of search and packs act in: a tenant with cards.
#pragma once
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"

namespace nexus::test {

struct Cards {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Headers as(const std::string& role, const std::string& env = "dev") const {
    return World::in(tenant.at(role), tenant.id, env);
  }
  Answer make(const std::string& text, const std::string& env = "dev") const {
    return world.call("POST", "/nexus/cards", with(as("member", env), {{"Content-Type", "text/markdown"}}), text);
  }
  /// Answers the id of a new card.
  std::string card(const std::string& body, const std::string& type = "note", const std::string& header = {},
                   const std::string& env = "dev") const {
    const Answer made = make("card_type: " + type + "\n" + header + "---\n" + body, env);
    if (made.status != 201) throw std::runtime_error("no card: " + made.body);
    return made.json.at("card_id");
  }
  Answer search(const Json& body, const std::string& env = "dev", const std::string& role = "viewer") const {
    return world.call("POST", "/nexus/search", as(role, env), body);
  }
  std::vector<std::string> ids(const Json& body, const std::string& env = "dev") const {
    const Answer answer = search(body, env);
    if (answer.status != 200) throw std::runtime_error("no search: " + answer.body);
    std::vector<std::string> out;
    for (const auto& item : answer.json.at("items")) out.push_back(item.at("id"));
    return out;
  }
  std::vector<std::string> found(const std::string& text) const { return ids({{"query_text", text}}); }
};

using Ids = std::vector<std::string>;

}  // namespace nexus::test
