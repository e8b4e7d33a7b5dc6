// Lines of maybes.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

/// Made by whoever asks, since it is there for him alone; a viewer's was made while he was a member.
std::string item_of(const Stage& stage) {
  World& world = stage.world;
  const auto create = [&](const Person& who) {
    return world.call("POST", "/maybes/items", World::in(who, stage.tenant.id, stage.env), Json{{"title", "swept"}});
  };
  if (stage.who.id != stage.tenant.viewer.id && stage.who.id != stage.tenant.member.id)
    return "/maybes/items/" + create(stage.tenant.owner).json.at("item_id").get<std::string>();
  const bool viewer = stage.who.id == stage.tenant.viewer.id;
  if (viewer) world.set_member(stage.tenant.id, stage.who.id, "member");
  const Answer made = create(viewer ? stage.tenant.viewer : stage.tenant.member);
  if (viewer) world.set_member(stage.tenant.id, stage.who.id, "viewer");
  return "/maybes/items/" + made.json.at("item_id").get<std::string>();
}

Filled item(const Stage& stage) { return {item_of(stage)}; }

}  // namespace

Lines maybe_lines() {
  return {
      {"POST /maybes/items", "member", "maybes_create", "full", 201,
       [](const Stage&) {
         return json("/maybes/items", {{"title", "swept"}});
       }},
      {"GET /maybes/items", "viewer", "maybes_read", "read", 200, just("/maybes/items")},
      {"GET /maybes/items/{item_id}", "viewer", "maybes_read", "read", 200, item},
      {"PATCH /maybes/items/{item_id}", "member", "maybes_update", "full", 200,
       [](const Stage& stage) {
         return json(item_of(stage), {{"pinned", true}});
       }},
      {"DELETE /maybes/items/{item_id}", "member", "maybes_delete", "full", 204, item},
  };
}

}  // namespace nexus::test
