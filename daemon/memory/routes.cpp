// A turn goes to the caller's own session of that id, else to the shared one, else it opens a session of the caller's
// own. The session is looked up in the transaction of the turn, so the turns of concurrent writers are in one order.
#include <charconv>

#include "daemon/domain/made_by.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/memory/problems.hpp"
#include "daemon/memory/store.hpp"

namespace nexus::memory {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

// ---- sessions -------------------------------------------------------------------------------------------------------

/// The user's own, else the shared one.
std::optional<Session> find_for_caller(const store::Reader& reader, const Caller& caller,
                                       const std::string& session_id) {
  auto session = find_session(reader, caller.realm(), session_id, caller.user_id);
  return session ? session : find_session(reader, caller.realm(), session_id, "");
}

/// The session that a read or a deletion names.
struct SessionRequest {
  std::string session_id;
  std::optional<std::string> user_id;  // that user's own, and no other
};

SessionRequest take_session_request(Input& input) {
  return {input.param("session_id"),
          input.query.optional_name("user_id", {.min = 1, .max = limits::client_id_chars_max})};
}

Session find(const store::Reader& reader, const Caller& caller, const SessionRequest& request) {
  if (request.user_id && !caller.owns(*request.user_id))
    throw Problem(problems::auth_insufficient_role, "only admins ask for the sessions of other users");
  return found(request.user_id ? find_session(reader, caller.realm(), request.session_id, *request.user_id)
                               : find_for_caller(reader, caller, request.session_id),
               problems::session_not_found);
}

// ---- shapes ---------------------------------------------------------------------------------------------------------

/// A session with one page of its turns.
Json snapshot_json(const Session& session, Json page) {
  Json out = model::json_of(kSession, session);
  out["shared"] = session.shared();
  out["turns"] = std::move(page["items"]);
  out["next_cursor"] = std::move(page["next_cursor"]);
  return out;
}

Json snapshot_schema() {
  return schema::with(model::answer_schema(kSession), {{"shared", schema::boolean()},
                                                       {"turns", schema::list(model::answer_schema(kTurn))},
                                                       {"next_cursor", schema::nullable(schema::text())}});
}

// ---- a turn ---------------------------------------------------------------------------------------------------------

struct NewTurn {
  Turn turn;
  audit::Activity created;  // prepared; the session is known to the unit alone
};

NewTurn parse_turn(Input& input) {
  NewTurn sent{model::take_new(kTurn, input.body).value, {"memory_turn_created", "session_turn", ""}};
  Turn& turn = sent.turn;
  const std::string& session_id = input.param("session_id");
  if (!turn.session_id.empty() && turn.session_id != session_id)
    throw Problem(problems::request_path_mismatch, "session_id must be that of the path, or be left out");
  turn.session_id = session_id;
  sent.created.input = model::json_of(kTurn, turn, {"content", "metadata"});
  sent.created = audit::prepared(std::move(sent.created));
  return sent;
}

Session open_session(store::Tx& tx, const Caller& caller, const std::string& session_id, bool shared, Micros at) {
  Session session{.tenant_id = std::string(caller.realm().tenant),
                  .env = std::string(caller.realm().env),
                  .session_id = session_id,
                  .owner_id = shared ? "" : caller.user_id,
                  .last_turn_at = at,
                  .created_at = at,
                  .created_by = caller.user_id};
  insert_session(tx, session);
  return session;
}

Session session_for(store::Tx& tx, const Caller& caller, const Turn& turn, Micros at) {
  if (!is_client_id(turn.session_id)) throw Problem(problems::session_not_found);
  if (!turn.shared) {
    auto session = find_for_caller(tx, caller, turn.session_id);
    return session ? std::move(*session) : open_session(tx, caller, turn.session_id, false, at);
  }
  if (find_session(tx, caller.realm(), turn.session_id, "")) throw Problem(problems::session_exists);
  return open_session(tx, caller, turn.session_id, true, at);
}

/// A turn that was written before, in the session of that time.
Json render_turn(const store::Reader& reader, const Caller& caller, const std::string& reference) {
  const Json place = parse_own_json(reference);
  const auto session = find_session(reader, caller.realm(), place.at("session_id").get<std::string>(),
                                    place.at("owner_id").get<std::string>());
  if (!session || session->generation != place.at("generation")) throw Problem(problems::session_not_found);
  const auto turns = list_turns(reader, *session, place.at("ordinal").get<std::int64_t>() - 1, 1);
  if (turns.empty()) throw Problem(problems::session_not_found);
  return model::json_of(kTurn, turns.front());
}

Applied add_turn(store::Tx& tx, const Caller& caller, const NewTurn& sent) {
  Turn turn = sent.turn;
  turn.turn_id = new_id(caller.tenant());
  turn.created_at = now_micros();
  turn.created_by = caller.user_id;
  const Session session = session_for(tx, caller, sent.turn, turn.created_at);
  append_turn(tx, session, turn);
  audit::Activity created = sent.created;
  created.asset_id = created.event_id = turn.turn_id;
  created.output = make_object({{"session_id", session.session_id}, {"shared", session.shared()}, {"role", turn.role}});
  return {.json = model::json_of(kTurn, turn),
          .subject_type = "session_turn",
          .subject_id = turn.turn_id,
          .details = make_object({{"session_id", session.session_id},
                                  {"shared", session.shared()},
                                  {"role", turn.role},
                                  {"size_bytes", turn.content.size()}}),
          .events = {std::move(created)},
          .fields = {{"Location", "/nexus/memory/session/" + session.session_id}},
          .reference = to_text(make_object({{"session_id", session.session_id},
                                            {"owner_id", session.owner_id},
                                            {"generation", session.generation},
                                            {"ordinal", turn.ordinal}}))};
}

// ---- read -----------------------------------------------------------------------------------------------------------

struct Show {
  SessionRequest request;
  http::Page page;
};

Show parse_show(Input& input) {
  Show value{take_session_request(input), {}};
  value.page = http::take_page(input, "memory\n" + value.request.session_id + "\n" +
                                          value.request.user_id.value_or("") + "\n" + input.caller.user_id);
  return value;
}

/// Where a page ended: `<shared>:<generation>:<ordinal>`. The next page is of the same session, even if sessions were
/// opened or deleted in between.
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

Session find_page(const store::Reader& reader, const Caller& caller, const Show& value, const Mark& mark) {
  if (value.page.mark.empty()) return find(reader, caller, value.request);
  if (value.request.user_id || mark.shared == 0)
    return find(reader, caller, {value.request.session_id, value.request.user_id.value_or(caller.user_id)});
  return found(find_session(reader, caller.realm(), value.request.session_id, ""), problems::session_not_found);
}

Reply show(const store::Reader& reader, const Caller& caller, const Show& value) {
  const Mark mark = mark_from(value.page.mark);
  const Session session = find_page(reader, caller, value, mark);
  if (!value.page.mark.empty() && session.generation != mark.generation) throw Problem(problems::session_not_found);
  const std::string of_session = (session.shared() ? "1:" : "0:") + std::to_string(session.generation) + ":";
  Json page = http::page_json_in_pieces<Turn>(
      value.page,
      [&](const std::string& after, int count) { return list_turns(reader, session, mark_from(after).ordinal, count); },
      http::row_json<kTurn>, [&](const Turn& turn) { return of_session + std::to_string(turn.ordinal); });
  return {.json = snapshot_json(session, std::move(page))};
}

// ---- delete ---------------------------------------------------------------------------------------------------------

Applied remove(store::Tx& tx, const Caller& caller, const SessionRequest& request) {
  const Session session = find(tx, caller, request);
  domain::require_creator_or_admin(caller, session.created_by, "a session");
  bury_session(tx, session, now_micros(), caller.user_id);
  const bool swept = sweep_turns(tx, session, kTurnsAtOnce);
  return {.json = nullptr,
          .subject_type = "session",
          .subject_id = session.session_id,
          .details = make_object(
              {{"shared", session.shared()}, {"created_by", session.created_by}, {"turns_count", session.turns_count}}),
          .events = {{"memory_session_deleted", "session", session.session_id, Json::object(),
                      make_object({{"turns_count", session.turns_count}})}},
          .status = 204,
          .leaves_rest = !swept};
}

// ---- routes ---------------------------------------------------------------------------------------------------------

http::QueryParameter user_parameter() {
  return {"user_id", "The session of this user, and no other; of another user for admins", schema::name(128)};
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("memory", "Sessions of agents and their turns");
  const http::Surface surface{.name = "memory", .read_action = "memory_read"};
  const std::string session = "/nexus/memory/session/{session_id}";
  auto parameters = http::page_parameters();
  parameters.push_back(user_parameter());
  routes.add(surface.create(session + "/turn", "memory_write",
                            http::rendered(http::writes(parse_turn, add_turn), render_turn),
                            {.summary = "Add a turn to a session",
                             .request = model::create_schema(kTurn),
                             .response = model::answer_schema(kTurn),
                             .refusals = {404, 409}}));
  routes.add(surface.show(session, http::reads(parse_show, show),
                          {.summary = "Show a session, its turns oldest first",
                           .response = snapshot_schema(),
                           .query = std::move(parameters)}));
  routes.add(surface.remove(
      session, "memory_delete", http::writes(take_session_request, remove),
      {.summary = "Delete a session and its turns: its creator or an admin", .query = {user_parameter()}}));
}

}  // namespace nexus::memory
