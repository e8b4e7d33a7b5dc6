// Lines of memory.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

/// A shared session: whoever asks finds it.
std::string session_of(const Stage& stage, const Person& creator) {
  const std::string path = "/nexus/memory/session/" + stage.world.new_id("s");
  stage.world.call("POST", path + "/turn", World::in(creator, stage.tenant.id, stage.env),
                   Json{{"role", "user"}, {"content", "swept"}, {"shared", true}});
  return path;
}

Filled post_turn(const Stage& stage) {
  return json("/nexus/memory/session/" + stage.world.new_id("s") + "/turn", {{"role", "user"}, {"content", "swept"}});
}

Filled show(const Stage& stage) { return {session_of(stage, stage.tenant.owner)}; }

/// Its creator is the one who asks, when he may create at all.
Filled remove(const Stage& stage) {
  return {session_of(stage, stage.who.id == stage.tenant.member.id ? stage.tenant.member : stage.tenant.owner)};
}

}  // namespace

Lines memory_lines() {
  return {
      {"POST /nexus/memory/session/{session_id}/turn", "member", "memory_write", "full", 201, post_turn},
      {"GET /nexus/memory/session/{session_id}", "viewer", "memory_read", "read", 200, show},
      {"DELETE /nexus/memory/session/{session_id}", "member", "memory_delete", "full", 204, remove},
  };
}

}  // namespace nexus::test
