// A turn goes to one's own session of that id, else to the shared one, else it opens one's own. Whose session is meant
// is asked in the transaction of the turn, so turns stand in one order however many write.
#include "daemon/memory/routes.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/memory/limits.hpp"
#include "daemon/memory/problems.hpp"

#include <charconv>

#include "daemon/base/uuid.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "store/memory.hpp"

namespace nexus::memory {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::MemorySession;
using store::MemoryTurn;
namespace schema = http::schema;

constexpr int kSweepBatch = 200;  // few enough that no mutation notices

// ---- sessions -------------------------------------------------------------------------------------------------------

std::optional<MemorySession> find_owned(const store::Reader& reader, const Caller& caller,
                                        const std::string& session_id, std::string_view owner_id) {
  return store::find_memory_session(reader, caller.realm(), session_id, owner_id);
}

/// The user's own, else the shared one.
std::optional<MemorySession> find_for_caller(const store::Reader& reader, const Caller& caller,
                                             const std::string& session_id) {
  auto session = find_owned(reader, caller, session_id, caller.user_id);
  return session ? session : find_owned(reader, caller, session_id, "");
}

/// A session as a read or a deletion names it.
struct Wish {
  std::string session_id;
  std::optional<std::string> user_id;  // that user's own, and no other
};

Wish take_wish(Input& input) {
  return {input.param("session_id"),
          input.query.optional_name("user_id", {.min = 1, .max = limits::client_id_chars_max})};
}

MemorySession find(const store::Reader& reader, const Caller& caller, const Wish& wish) {
  if (wish.user_id && *wish.user_id != caller.user_id && *caller.role < Role::admin)
    throw Problem(problems::auth_insufficient_role, "only admins ask for the sessions of other users");
  auto session = wish.user_id ? find_owned(reader, caller, wish.session_id, *wish.user_id)
                              : find_for_caller(reader, caller, wish.session_id);
  if (!session) throw Problem(problems::session_not_found);
  return std::move(*session);
}

// ---- shapes ---------------------------------------------------------------------------------------------------------

Json turn_json(const MemorySession& session, const MemoryTurn& turn) {
  return make_object({{"tenant_id", session.tenant_id},
                      {"env", session.env},
                      {"turn_id", turn.turn_id},
                      {"session_id", session.session_id},
                      {"role", turn.role},
                      {"content", turn.content},
                      {"metadata", Json::parse(turn.metadata)},
                      {"created_at", to_rfc3339(turn.created_at)},
                      {"created_by", turn.created_by}});
}

Json role_schema() { return schema::choice({"user", "agent", "system"}); }

Json turn_schema() {
  return schema::named("SessionTurn", schema::object({"tenant_id", "env", "turn_id", "session_id", "role", "content",
                                                      "metadata", "created_at", "created_by"},
                                                     {{"tenant_id", schema::text()},
                                                      {"env", schema::env()},
                                                      {"turn_id", schema::text()},
                                                      {"session_id", schema::text()},
                                                      {"role", role_schema()},
                                                      {"content", schema::text()},
                                                      {"metadata", schema::any_object()},
                                                      {"created_at", schema::time()},
                                                      {"created_by", schema::text()}}));
}

Json turn_request_schema() {
  return schema::named(
      "SessionTurnCreate",
      schema::object({"role", "content"}, {{"session_id", schema::described(schema::pattern(schema::kClientId),
                                                                            "that of the path, if it is sent")},
                                           {"role", role_schema()},
                                           {"content", schema::text_between(1, limits::turn_content_bytes_max)},
                                           {"metadata", schema::any_object(limits::metadata_bytes_max)},
                                           {"shared", schema::defaults_to(schema::boolean(), false)}}));
}

Json snapshot_schema() {
  return schema::named("SessionSnapshot", schema::object({"tenant_id", "env", "session_id", "shared", "turns",
                                                          "next_cursor", "created_at", "created_by"},
                                                         {{"tenant_id", schema::text()},
                                                          {"env", schema::env()},
                                                          {"session_id", schema::text()},
                                                          {"shared", schema::boolean()},
                                                          {"turns", schema::list(turn_schema())},
                                                          {"next_cursor", schema::nullable(schema::text())},
                                                          {"created_at", schema::time()},
                                                          {"created_by", schema::text()}}));
}

// ---- a turn ---------------------------------------------------------------------------------------------------------

struct Turn {
  std::string session_id;
  MemoryTurn turn;
  Json metadata;
  bool shared = false;
};

Turn parse_turn(Input& input) {
  Turn value;
  value.session_id = input.param("session_id");
  const auto stated = input.body.optional_text("session_id", {.min = 1, .max = limits::client_id_chars_max});
  if (stated && *stated != value.session_id)
    throw Problem(problems::request_path_mismatch, "session_id must be that of the path, or be left out");
  value.turn.role = input.body.optional_choice("role", {"user", "agent", "system"}).value_or("");
  if (!input.body.sent("role") || input.body.sent_null("role")) input.body.fault("role", "is required");
  value.turn.content = input.body.text("content", {.min = 1, .max = limits::turn_content_bytes_max});
  value.metadata = input.body.optional_object("metadata", limits::metadata_bytes_max).value_or(Json::object());
  value.turn.metadata = to_text(value.metadata);
  value.shared = input.body.optional_boolean("shared").value_or(false);
  return value;
}

MemorySession open_session(store::Tx& tx, const Caller& caller, const std::string& session_id, bool shared, Micros at) {
  MemorySession session{.tenant_id = caller.tenant().str(),
                        .env = std::string(to_string(caller.env())),
                        .session_id = session_id,
                        .owner_id = shared ? "" : caller.user_id,
                        .created_at = at,
                        .created_by = caller.user_id};
  store::insert_memory_session(tx, session);
  return session;
}

MemorySession session_for(store::Tx& tx, const Caller& caller, const Turn& value, Micros at) {
  if (!is_client_id(value.session_id)) throw Problem(problems::session_not_found);
  if (!value.shared) {
    auto session = find_for_caller(tx, caller, value.session_id);
    return session ? std::move(*session) : open_session(tx, caller, value.session_id, false, at);
  }
  if (find_owned(tx, caller, value.session_id, "")) throw Problem(problems::session_exists);
  return open_session(tx, caller, value.session_id, true, at);
}

/// A turn that was written before, in the session that it was written in.
Json render_turn(const store::Reader& reader, const Caller& caller, const std::string& reference) {
  const Json place = Json::parse(reference);
  const auto session = find_owned(reader, caller, place.at("session_id"), place.at("owner_id").get<std::string>());
  if (!session || session->generation != place.at("generation")) throw Problem(problems::session_not_found);
  const auto turns = store::list_memory_turns(reader, *session, place.at("ordinal").get<std::int64_t>() - 1, 1);
  if (turns.empty()) throw Problem(problems::session_not_found);
  return turn_json(*session, turns.front());
}

Applied add_turn(store::Tx& tx, const Caller& caller, const Turn& value) {
  MemoryTurn turn = value.turn;
  turn.turn_id = new_id(caller.tenant());
  turn.created_at = now_micros();
  turn.created_by = caller.user_id;
  const MemorySession session = session_for(tx, caller, value, turn.created_at);
  store::append_memory_turn(tx, session, turn);
  return {.json = turn_json(session, turn),
          .subject_type = "session_turn",
          .subject_id = turn.turn_id,
          .details = make_object({{"session_id", session.session_id},
                                  {"shared", session.shared()},
                                  {"role", turn.role},
                                  {"size_bytes", turn.content.size()}}),
          .events = {{.event_type = "memory_turn_created",
                      .asset_type = "session_turn",
                      .asset_id = turn.turn_id,
                      .input = make_object({{"content", turn.content}, {"metadata", value.metadata}}),
                      .output = make_object(
                          {{"session_id", session.session_id}, {"shared", session.shared()}, {"role", turn.role}}),
                      .event_id = turn.turn_id}},
          .fields = {{"Location", "/nexus/memory/session/" + session.session_id}},
          .reference = to_text(make_object({{"session_id", session.session_id},
                                            {"owner_id", session.owner_id},
                                            {"generation", session.generation},
                                            {"ordinal", turn.ordinal}}))};
}

// ---- read -----------------------------------------------------------------------------------------------------------

struct Show {
  Wish wish;
  http::Page page;
};

Show parse_show(Input& input) {
  Show value{take_wish(input), {}};
  value.page = http::take_page(
      input, "memory\n" + value.wish.session_id + "\n" + value.wish.user_id.value_or("") + "\n" + input.caller.user_id);
  return value;
}

/// Where a page ended: `<shared>:<generation>:<ordinal>`. The next page is of the same session, whatever was opened or
/// deleted in between.
struct Mark {
  std::int64_t shared = 0, generation = 0, ordinal = 0;
};

Mark mark_from(std::string_view text) {
  Mark mark;
  for (std::int64_t* part : {&mark.shared, &mark.generation, &mark.ordinal}) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *part);
    text.remove_prefix(std::min(text.size(), static_cast<std::size_t>(end - text.data()) + 1));
  }
  return mark;
}

MemorySession find_page(const store::Reader& reader, const Caller& caller, const Show& value, const Mark& mark) {
  if (value.page.mark.empty()) return find(reader, caller, value.wish);
  if (value.wish.user_id || mark.shared == 0)
    return find(reader, caller, {value.wish.session_id, value.wish.user_id.value_or(caller.user_id)});
  auto session = find_owned(reader, caller, value.wish.session_id, "");
  if (!session) throw Problem(problems::session_not_found);
  return std::move(*session);
}

Reply show(const store::Reader& reader, const Caller& caller, const Show& value) {
  const Mark mark = mark_from(value.page.mark);
  const MemorySession session = find_page(reader, caller, value, mark);
  if (!value.page.mark.empty() && session.generation != mark.generation) throw Problem(problems::session_not_found);
  const std::string of_session = (session.shared() ? "1:" : "0:") + std::to_string(session.generation) + ":";
  Json page = http::page_json_in_pieces<MemoryTurn>(
      value.page,
      [&](const std::string& after, int count) {
        return store::list_memory_turns(reader, session, mark_from(after).ordinal, count);
      },
      [&](const MemoryTurn& turn) { return turn_json(session, turn); },
      [&](const MemoryTurn& turn) { return of_session + std::to_string(turn.ordinal); });
  return {.json = make_object({{"tenant_id", session.tenant_id},
                               {"env", session.env},
                               {"session_id", session.session_id},
                               {"shared", session.shared()},
                               {"turns", std::move(page["items"])},
                               {"next_cursor", std::move(page["next_cursor"])},
                               {"created_at", to_rfc3339(session.created_at)},
                               {"created_by", session.created_by}})};
}

// ---- delete ---------------------------------------------------------------------------------------------------------

/// Of a long session: at once, in units of the writer. What a stop leaves of it the next start goes on with.
std::function<void(store::Database&)> sweep_rest() {
  return [](store::Database& database) { sweep_deleted_sessions(database, [] { return false; }); };
}

Applied remove(store::Tx& tx, const Caller& caller, const Wish& wish) {
  const MemorySession session = find(tx, caller, wish);
  if (*caller.role < Role::admin && session.created_by != caller.user_id)
    throw Problem(problems::auth_insufficient_role, "only its creator or an admin deletes a session");
  store::bury_memory_session(tx, session, now_micros(), caller.user_id);
  const bool swept = store::sweep_memory_turns(tx, session, kSweepBatch);
  return {.json = nullptr,
          .subject_type = "session",
          .subject_id = session.session_id,
          .details = make_object(
              {{"shared", session.shared()}, {"created_by", session.created_by}, {"turns_count", session.turns_count}}),
          .events = {{"memory_session_deleted", "session", session.session_id, Json::object(),
                      make_object({{"turns_count", session.turns_count}})}},
          .status = 204,
          .after_commit = swept ? nullptr : sweep_rest()};
}

// ---- routes ---------------------------------------------------------------------------------------------------------

http::Route memory_route(std::string method, std::string path, std::string action, Role role, gates::Policy policy,
                         http::Handler handler, http::Docs docs) {
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role,
                     .scope = Scope::header,
                     .role = role,
                     .mutates = policy != gates::Policy::read},
          .action = std::move(action),
          .surface = "memory",
          .policy = policy,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

http::QueryParameter user_parameter() {
  return {"user_id", "The session of this user, and no other; of another user for admins", schema::name(128)};
}

}  // namespace

void add_memory_routes(http::RouteTable& routes) {
  const std::string session = "/nexus/memory/session/{session_id}";
  http::Route post =
      memory_route("POST", session + "/turn", "memory_write", Role::member, gates::Policy::full,
                   http::rendered(http::writes(parse_turn, add_turn), render_turn),
                   {"Add a turn to a session", "memory", turn_request_schema(), turn_schema(), 201, {}, {404, 409}});
  post.body = http::Body::json;
  routes.add(std::move(post));

  auto parameters = http::page_parameters();
  parameters.push_back(user_parameter());
  routes.add(memory_route(
      "GET", session, "memory_read", Role::viewer, gates::Policy::read, http::reads(parse_show, show),
      {"Show a session, its turns oldest first", "memory", {}, snapshot_schema(), 200, std::move(parameters), {404}}));
  routes.add(memory_route(
      "DELETE", session, "memory_delete", Role::member, gates::Policy::full, http::writes(take_wish, remove),
      {"Delete a session and its turns: its creator or an admin", "memory", {}, {}, 204, {user_parameter()}, {404}}));
}

void sweep_deleted_sessions(store::Database& database, const std::function<bool()>& stopping) {
  while (true) {
    const auto sessions = store::list_unswept_memory_sessions(database.read().reader(), kSweepBatch);
    if (sessions.empty()) return;
    for (const MemorySession& session : sessions) {
      for (bool done = false; !done;) {
        if (stopping()) return;
        const auto result =
            database.writer().run([&](store::Tx& tx) { done = store::sweep_memory_turns(tx, session, kSweepBatch); });
        if (result.outcome != store::Outcome::applied) return;  // the next round tries again
      }
    }
  }
}

}  // namespace nexus::memory
