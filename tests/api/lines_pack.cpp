// Lines of search and of influence packs.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

const Json kQuery = {{"query_text", "swept"}, {"top_k", 3}};

std::string pack_of(const Stage& stage, const Person& maker) {
  const Answer made = stage.world.call("POST", "/nexus/influence-pack", World::in(maker, stage.tenant.id, stage.env),
                                       {{"query", kQuery}});
  return "/nexus/influence-pack/" + made.json.at("pack_id").get<std::string>();
}

std::string new_pack(const Stage& stage) { return pack_of(stage, stage.tenant.owner); }

/// Of the one who asks, when he may make one at all.
Filled own_pack(const Stage& stage) {
  const bool own = stage.who.id == stage.tenant.member.id;
  return {pack_of(stage, own ? stage.tenant.member : stage.tenant.owner)};
}

}  // namespace

Lines pack_lines() {
  return {
      {"POST /nexus/search", "viewer", "search", "read", 200,
       [](const Stage&) { return json("/nexus/search", kQuery); }},
      {"POST /nexus/influence-pack", "member", "pack_create", "full", 201,
       [](const Stage&) {
         return json("/nexus/influence-pack", {{"query", kQuery}});
       }},
      {"GET /nexus/influence-pack/{pack_id}", "viewer", "pack_read", "read", 200,
       [](const Stage& stage) { return Filled{new_pack(stage)}; }},
      {"GET /nexus/influence-pack", "viewer", "pack_read", "read", 200, just("/nexus/influence-pack")},
      {"DELETE /nexus/influence-pack/{pack_id}", "member", "pack_delete", "full", 204, own_pack},
  };
}

}  // namespace nexus::test
