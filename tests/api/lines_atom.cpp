// Lines of atoms.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

Headers as_writer(const Stage& stage) { return World::in(stage.tenant.owner, stage.tenant.id, stage.env); }

std::string asset_of(const Stage& stage) {
  return stage.world.registered(stage.tenant.owner, stage.tenant.id, stage.env).asset_id;
}

Filled create(const Stage& stage) {
  return json("/nexus/atoms/create-from-raw",
              {{"raw_asset_id", asset_of(stage)}, {"op_type", "text_split"}, {"params", {{"max_chars", 10}}}});
}

Filled list(const Stage& stage) { return {"/nexus/atoms?raw_asset_id=" + asset_of(stage)}; }

Fill of_atom(const std::string& rest) {
  return [rest](const Stage& stage) {
    const Filled filled = create(stage);
    const Answer made = stage.world.call("POST", filled.target, as_writer(stage), filled.body);
    return Filled{"/nexus/atoms/" + made.json.at("items").at(0).at("atom_id").get<std::string>() + rest};
  };
}

}  // namespace

Lines atom_lines() {
  return {
      {"POST /nexus/atoms/create-from-raw", "member", "atom_create", "full", 201, create},
      {"GET /nexus/atoms", "viewer", "atom_read", "read", 200, list},
      {"GET /nexus/atoms/{atom_id}", "viewer", "atom_read", "read", 200, of_atom("")},
      {"GET /nexus/atoms/{atom_id}/download", "viewer", "atom_read", "read", 200, of_atom("/download")},
  };
}

}  // namespace nexus::test
