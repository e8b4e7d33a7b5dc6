// Lines of search and of influence packs.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

const Json kQuery = {{"query_text", "swept"}, {"top_k", 3}};

std::string new_pack(const Stage& stage) {
  const Answer made = stage.world.call("POST", "/nexus/influence-pack",
                                       World::in(stage.tenant.owner, stage.tenant.id, stage.env), {{"query", kQuery}});
  return "/nexus/influence-pack/" + made.json.at("pack_id").get<std::string>();
}

}  // namespace

std::vector<Line> pack_lines() {
  return {
      {"POST /nexus/search", "viewer", "search", "read", 200,
       [](const Stage&) { return json("/nexus/search", kQuery); }},
      {"POST /nexus/influence-pack", "member", "pack_create", "full", 201,
       [](const Stage&) {
         return json("/nexus/influence-pack", {{"query", kQuery}});
       }},
      {"GET /nexus/influence-pack/{pack_id}", "viewer", "pack_read", "read", 200,
       [](const Stage& stage) { return Filled{new_pack(stage)}; }},
  };
}

}  // namespace nexus::test
