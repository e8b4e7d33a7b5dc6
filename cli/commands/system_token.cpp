#include "cli/commands/system_token.hpp"

namespace nexus::cli {

void require_system_token(Session& session, const std::string& line) {
  const std::string remedy = line + " --token-file ~/.local/share/nexusd/root.token";
  if (!session.token())
    throw Failure(Exit::unauthenticated,
                  "it wants the system token, which nexusd keeps in root.token in its data directory", remedy);
  const Json me = session.call({.path = "/auth/me", .scope = Scope::identity}).json;
  if (value_at(me, "role") == "system" || value_at(me, "actor_type") == "system") return;
  throw Failure(Exit::refused, "the token from " + session.settings().token.source + " is not the system token",
                remedy);
}

}  // namespace nexus::cli
