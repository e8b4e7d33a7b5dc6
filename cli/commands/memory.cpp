// nexusctl memory: sessions of turns, private or shared in the tenant and env.
#include "cli/engine/model_options.hpp"
#include "daemon/memory/turn.hpp"

namespace nexus::cli {
namespace {

const Shape kTurnShape = {"turn_id", {"turn_id", "created_at", "created_by", "role", "content"}};
const Shape kAddedShape = {"turn_id", {"turn_id", "session_id", "role", "created_at", "receipt.seq", "receipt.hash"}};

const ApiRequest kMemorySession = {.path = "/nexus/memory/session/{SESSION}"};
const Names kOfUser = {"--user-id"};

constexpr const char* kMemoryDescription = R"(
A session is yours: another user's session of the same id is another session. With --shared on its first turn it
belongs to everybody in the tenant and env. A turn goes to your own session of that id, else to the shared one, else
it opens your own. The daemon keeps turns unmasked; it masks only the event about them. A deletion removes the turns,
and what their events said; then the id is free again.)";

}  // namespace

Command memory_command() {
  const Parameter session = argument("SESSION", "the session");
  const Parameter user = option("--user-id", "USER_ID", "the session of this user, for admins");
  return {.name = "memory",
          .topic = Topic::files_and_texts,
          .summary = "sessions of turns: add, show, delete",
          .description = kMemoryDescription,
          .see_also = "nexusctl-event(1), nexusctl-maybe(1)",
          .example = "nexusctl memory add SESSION --role user 'What is tea?'",
          .commands = {
              creates({.name = "add",
                       .summary = "add a turn; the first one opens the session",
                       .example = "nexusctl memory add SESSION --role agent 'Leaves in hot water.'"},
                      model::specs_of<memory::kTurn>, {.method = "POST", .path = kMemorySession.path + "/turn"},
                      kAddedShape, {"session_id", {"content", "TEXT"}},
                      {session, optional_argument("TEXT", "what was said; without it, or as -, standard input")}),
              {.name = "show",
               .summary = "show the turns of a session, oldest first",
               .example = "nexusctl memory show SESSION --all",
               .parameters = list_parameters({user, session}),
               .run = lists(kMemorySession, kTurnShape, kOfUser, "turns")},
              {.name = "delete",
               .summary = "delete a session and its turns: its creator or an admin",
               .example = "nexusctl memory delete SESSION",
               .parameters = {user, session},
               .run = deletes(kMemorySession, {"SESSION", "session_id"}, kOfUser)},
          }};
}

}  // namespace nexus::cli
