// The life of a strategy lock: draft, then approved or rejected by an admin. An edit makes it a draft again; rejected
// is the end. In staging and prod four eyes decide: the approver is neither the creator nor anybody who edited the lock
// since its last approval. Approve what was seen: an answer carries an ETag, and If-Match is honoured.
#include "daemon/control/strategy_locks.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/control/if_match.hpp"
#include "daemon/control/strategy_lock_fields.hpp"
#include "daemon/control/words.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "store/three_wise.hpp"

namespace nexus::control {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::StrategyLock;
namespace schema = http::schema;

/// Which lock, and which version of it the client has seen.
struct Target {
  std::string lock_id;
  std::optional<std::string> if_match;
};

Target target_of(Input& input) { return {input.param("lock_id"), take_if_match(input)}; }

std::string etag_of(const StrategyLock& lock) {
  return "\"lock-" + std::to_string(std::max(lock.updated_at, lock.decided_at.value_or(0))) + "\"";
}

StrategyLock find(const store::Reader& reader, const Caller& caller, const Target& target) {
  auto lock = store::find_strategy_lock(reader, caller.tenant().str(), to_string(caller.env()), target.lock_id);
  if (!lock) throw Problem(Code::strategy_lock_not_found, "GET /strategy-locks lists them");
  judge_if_match(target.if_match, etag_of(*lock));
  return std::move(*lock);
}

/// What can only be told beside what is stored.
void judge_whole(const store::Reader& reader, const Caller& caller, const StrategyLock& lock) {
  std::vector<FieldError> errors;
  if (lock.valid_from && lock.valid_until && *lock.valid_until <= *lock.valid_from)
    errors.push_back({"/valid_until", "must lie after valid_from"});
  if (lock.three_wise_id &&
      !store::find_question(reader, caller.tenant().str(), to_string(caller.env()), *lock.three_wise_id))
    errors.push_back({"/three_wise_id", "must be a question of this tenant and env"});
  if (!errors.empty())
    throw Problem(Code::validation_failed, errors.front().pointer + " " + errors.front().detail).with_errors(errors);
}

Applied applied(const Caller& caller, const StrategyLock& lock, Json details, int status) {
  return {.json = with_context(lock_json(lock), caller),
          .subject_type = "strategy_lock",
          .subject_id = lock.lock_id,
          .details = std::move(details),
          .status = status,
          .fields = {{"ETag", etag_of(lock)}}};
}

Applied create(store::Tx& tx, const Caller& caller, const LockFields& fields) {
  StrategyLock lock;
  lock.lock_id = uuid_v7();
  lock.status = "draft";
  lock.created_at = lock.updated_at = now_micros();
  lock.created_by = lock.updated_by = caller.user_id;
  fields.apply_to(lock);
  judge_whole(tx, caller, lock);
  store::insert_strategy_lock(tx, caller.tenant().str(), to_string(caller.env()), lock);
  Applied done = applied(caller, lock, lock_details(lock), 201);
  done.fields.emplace_back("Location", "/strategy-locks/" + lock.lock_id);
  return done;
}

Applied edit(store::Tx& tx, const Caller& caller, const Target& target, const LockFields& fields) {
  StrategyLock lock = find(tx, caller, target);
  if (lock.status == "rejected")
    throw Problem(Code::strategy_lock_invalid_state, "a rejected lock stays rejected: make a new one");
  const Json before = lock_details(lock);
  fields.apply_to(lock);
  judge_whole(tx, caller, lock);
  lock.status = "draft";
  lock.decided_at.reset();
  lock.decided_by.reset();
  lock.updated_at = std::max(now_micros(), lock.updated_at + 1);
  lock.updated_by = caller.user_id;
  if (std::ranges::find(lock.editors, caller.user_id) == lock.editors.end()) lock.editors.push_back(caller.user_id);
  store::update_strategy_lock(tx, caller.tenant().str(), to_string(caller.env()), lock);
  return applied(caller, lock, {{"before", before}, {"after", lock_details(lock)}}, 200);
}

/// Somebody else must have looked, where it matters.
void judge_four_eyes(const Caller& caller, const StrategyLock& lock) {
  if (caller.env() == Env::dev) return;
  const bool edited = std::ranges::find(lock.editors, caller.user_id) != lock.editors.end();
  if (lock.created_by == caller.user_id || edited)
    throw Problem(Code::strategy_lock_self_approval,
                  lock.created_by == caller.user_id ? "you made this lock: another admin approves it"
                                                    : "you edited this lock since its last approval: another admin "
                                                      "approves it");
}

Applied decide(store::Tx& tx, const Caller& caller, const Target& target, bool approve) {
  StrategyLock lock = find(tx, caller, target);
  const Micros now = now_micros();
  const std::string status = status_of(lock, now);
  if (status != "draft")
    throw Problem(Code::strategy_lock_invalid_state, "the lock is " + status + ", and only a draft is decided on");
  if (approve) judge_four_eyes(caller, lock);
  lock.status = approve ? "approved" : "rejected";
  if (approve) lock.editors.clear();
  lock.decided_at = std::max(now, lock.updated_at + 1);
  lock.decided_by = caller.user_id;
  store::update_strategy_lock(tx, caller.tenant().str(), to_string(caller.env()), lock);
  return applied(caller, lock, lock_details(lock), 200);
}

http::WriteHandler decision(bool approve) {
  return http::writes(target_of, [approve](store::Tx& tx, const Caller& caller, const Target& target) {
    return decide(tx, caller, target, approve);
  });
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& lock_id) {
  const StrategyLock lock = find(reader, caller, {lock_id, {}});
  return {.json = with_context(lock_json(lock), caller), .fields = {{"ETag", etag_of(lock)}}};
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  auto rows =
      store::list_strategy_locks(reader, caller.tenant().str(), to_string(caller.env()), page.mark, page.limit + 1);
  return {.json = items_with_context(http::page_json<StrategyLock>(page, std::move(rows), lock_json,
                                                                   [](const StrategyLock& row) { return row.lock_id; }),
                                     caller)};
}

/// The audit row stands under the surface that the body names.
http::Write named(const LockFields& fields, std::function<Applied(store::Tx&, const Caller&)> apply) {
  http::Write write;
  write.apply = std::move(apply);
  if (fields.surface) write.surface = fields.surface->value_or("");
  return write;
}

http::Write handle_create(Input& input) {
  const LockFields fields = parse_lock_fields(input.body);
  for (const char* name : {"scope", "title", "allowed_actions"})
    if (!input.body.sent(name)) input.body.fault(name, "is required");
  return named(fields, [fields](store::Tx& tx, const Caller& caller) { return create(tx, caller, fields); });
}

http::Write handle_edit(Input& input) {
  const LockFields fields = parse_lock_fields(input.body);
  const Target target = target_of(input);
  if (!fields.any) input.body.fault("title", "at least one field to change is required");
  return named(fields,
               [fields, target](store::Tx& tx, const Caller& caller) { return edit(tx, caller, target, fields); });
}

http::Route write_route(std::string method, std::string path, Role role, std::string action, http::WriteHandler handler,
                        http::Docs docs) {
  const bool has_body = !docs.request.is_null();
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = role, .mutates = true},
          .action = std::move(action),
          .surface = "control",
          .policy = gates::Policy::audited,
          .effects = http::kOwnRowsAlone,
          .body = has_body ? http::Body::json : http::Body::none,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

}  // namespace

void add_strategy_lock_routes(http::RouteTable& routes) {
  routes.add(write_route(
      "POST", "/strategy-locks", Role::member, "lock_create", http::WriteHandler(handle_create),
      {"Make a strategy lock, as a draft", "control", lock_fields_schema(true), lock_schema(), 201, {}, {}}));
  routes.add(read_route(
      "/strategy-locks", "lock_read", Role::viewer,
      http::reads([](Input& input) { return http::take_page(input, "strategy_locks"); }, list),
      {"List strategy locks", "control", {}, schema::page(lock_schema()), 200, http::page_parameters(), {}}));
  routes.add(read_route("/strategy-locks/{lock_id}", "lock_read", Role::viewer,
                        http::reads([](Input& input) { return input.param("lock_id"); }, show),
                        {"Show a strategy lock", "control", {}, lock_schema(), 200, {}, {404}}));
  routes.add(write_route("PATCH", "/strategy-locks/{lock_id}", Role::member, "lock_update",
                         http::WriteHandler(handle_edit),
                         {"Edit a strategy lock, which makes it a draft again",
                          "control",
                          lock_fields_schema(false),
                          lock_schema(),
                          200,
                          {},
                          {404, 409, 412}}));
  routes.add(write_route("POST", "/strategy-locks/{lock_id}/approve", Role::admin, "lock_approve", decision(true),
                         {"Approve a draft", "control", {}, lock_schema(), 200, {}, {404, 409, 412}}));
  routes.add(write_route("POST", "/strategy-locks/{lock_id}/reject", Role::admin, "lock_reject", decision(false),
                         {"Reject a draft, for good", "control", {}, lock_schema(), 200, {}, {404, 409, 412}}));
}

}  // namespace nexus::control
