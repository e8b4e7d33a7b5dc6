// nexusctl memory: sessions of turns, one's own or shared in the tenant and env.
#include "cli/engine/command.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/model_options.hpp"
#include "cli/engine/session.hpp"
#include "cli/engine/text_argument.hpp"
#include "daemon/memory/turn.hpp"

namespace nexus::cli {
namespace {

const Shape kTurnShape = {"turn_id", {"turn_id", "created_at", "created_by", "role", "content"}};
const Shape kAddedShape = {"turn_id", {"turn_id", "session_id", "role", "created_at", "receipt.seq", "receipt.hash"}};

std::string memory_path_of(const Values& values) { return "/nexus/memory/session/" + segment(values.text("SESSION")); }

ApiRequest of_user(const Values& values, ApiRequest request) {
  if (const auto user = values.find("--user-id")) request.query.emplace_back("user_id", *user);
  return request;
}

constexpr auto kTurnFields = memory::kTurn.specs();

int run_add(Session& session, const Values& values) {
  Json body = body_of(values, kTurnFields, Options::create, {"session_id", "content"});
  body["content"] = text_argument(values, "TEXT");
  session.print_answer(session.call({.method = "POST", .path = memory_path_of(values) + "/turn", .body = body}),
                       kAddedShape);
  return 0;
}

int run_memory_show(Session& session, const Values& values) {
  return print_pages(session, values, of_user(values, {.path = memory_path_of(values)}), kTurnShape, "turns");
}

int run_memory_delete(Session& session, const Values& values) {
  const Answer answer = session.call(of_user(values, {.method = "DELETE", .path = memory_path_of(values)}));
  session.print_record({{"session_id", values.text("SESSION")}}, {"session_id", {"session_id", "receipt.seq"}},
                       answer.receipt());
  return 0;
}

constexpr const char* kMemoryDescription = R"(
A session is yours: another user's session of the same id is another session. With --shared on its first turn it
belongs to everybody in the tenant and env. A turn goes to your own session of that id, else to the shared one, else
it opens your own. The daemon keeps turns unmasked; it masks only the event about them. A deletion removes the turns,
and what their events said; then the id is free again.)";

}  // namespace

Command memory_command() {
  const Parameter session = argument("SESSION", "the session");
  auto of_turn = options_of(kTurnFields, Options::create, {"session_id", "content"});
  of_turn.push_back(session);
  of_turn.push_back(optional_argument("TEXT", "what was said; without it, or as -, standard input"));
  return {.name = "memory",
          .topic = Topic::files_and_texts,
          .summary = "sessions of turns: add, show, delete",
          .description = kMemoryDescription,
          .see_also = "nexusctl-event(1), nexusctl-maybe(1)",
          .example = "nexusctl memory add SESSION --role user 'What is tea?'",
          .commands = {
              {.name = "add",
               .summary = "add a turn; the first one opens the session",
               .example = "nexusctl memory add SESSION --role agent 'Leaves in hot water.'",
               .parameters = std::move(of_turn),
               .run = run_add},
              {.name = "show",
               .summary = "show the turns of a session, oldest first",
               .example = "nexusctl memory show SESSION --all",
               .parameters =
                   list_parameters({option("--user-id", "USER_ID", "the session of this user, for admins"), session}),
               .run = run_memory_show},
              {.name = "delete",
               .summary = "delete a session and its turns: its creator or an admin",
               .example = "nexusctl memory delete SESSION",
               .parameters = {option("--user-id", "USER_ID", "the session of this user, for admins"), session},
               .run = run_memory_delete},
          }};
}

}  // namespace nexus::cli
