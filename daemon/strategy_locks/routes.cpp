// The life of a strategy lock: draft, then approved or rejected by an admin; rejected is the end. A member edits drafts
// that he made himself, everything else is an admin's. An edit of an approved lock makes a draft version beside it: the
// approved terms stay in force until the new ones are approved, and a rejection drops the new ones alone. In staging
// and prod four eyes decide: the approver is neither the creator nor anybody who edited the lock since its last
// approval. Approve what was seen: an answer carries an ETag, and If-Match is honoured.
#include "daemon/base/uuid.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/words.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/if_match.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/strategy_locks/limits.hpp"
#include "daemon/strategy_locks/problems.hpp"
#include "daemon/strategy_locks/strategy_lock_fields.hpp"
#include "store/model_rows.hpp"
#include "store/three_wise.hpp"

namespace nexus::strategy_locks {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::LockTerms;
using store::StrategyLock;
namespace schema = http::schema;

/// Which lock, and which version of it the client has seen.
struct Target {
  std::string lock_id;
  std::optional<std::string> if_match;
};

Target target_of(Input& input) { return {input.param("lock_id"), http::take_if_match(input)}; }

/// When it last changed; no two versions share it.
Micros changed_at(const StrategyLock& lock) { return std::max(lock.updated_at, lock.decided_at.value_or(0)); }
Micros next_change(const StrategyLock& lock) { return std::max(now_micros(), changed_at(lock) + 1); }

std::string etag_of(const StrategyLock& lock) { return "\"lock-" + std::to_string(changed_at(lock)) + "\""; }

StrategyLock find(const store::Reader& reader, const Caller& caller, const Target& target) {
  auto lock = store::find_strategy_lock(reader, caller.realm(), target.lock_id);
  if (!lock) throw Problem(problems::strategy_lock_not_found, "GET /strategy-locks lists them");
  http::judge_if_match(target.if_match, etag_of(*lock));
  return std::move(*lock);
}

/// What can only be told beside what is stored.
void judge_whole(const store::Reader& reader, const Caller& caller, const LockTerms& terms) {
  std::vector<FieldError> errors;
  if (terms.valid_from && terms.valid_until && *terms.valid_until <= *terms.valid_from)
    errors.push_back({"/valid_until", "must lie after valid_from"});
  if (terms.three_wise_id && !store::find_row<three_wise::kQuestion>(reader, caller.realm(), *terms.three_wise_id))
    errors.push_back({"/three_wise_id", "must be a question of this tenant and env"});
  if (!errors.empty())
    throw Problem(problems::validation_failed, errors.front().pointer + " " + errors.front().detail)
        .with_errors(errors);
}

Applied applied(const Caller& caller, const StrategyLock& lock, Json details, int status) {
  return {.json = domain::with_context(lock_json(lock), caller),
          .subject_type = "strategy_lock",
          .subject_id = lock.lock_id,
          .details = std::move(details),
          .status = status,
          .fields = {{"ETag", etag_of(lock)}}};
}

/// What the audit row keeps of the terms that changed or were decided on.
Json details_of(const StrategyLock& lock, const LockTerms& terms) {
  Json details = terms_details(terms);
  details["status"] = lock.status;
  return details;
}

Applied create(store::Tx& tx, const Caller& caller, const LockFields& fields) {
  StrategyLock lock;
  lock.lock_id = new_id(caller.tenant());
  lock.status = "draft";
  lock.created_at = lock.updated_at = now_micros();
  lock.created_by = lock.updated_by = caller.user_id;
  fields.apply_to(lock);
  judge_whole(tx, caller, lock);
  store::insert_strategy_lock(tx, caller.realm(), lock);
  Applied done = applied(caller, lock, details_of(lock, lock), 201);
  done.fields.emplace_back("Location", "/strategy-locks/" + lock.lock_id);
  return done;
}

void judge_editor(const Caller& caller, const StrategyLock& lock) {
  const bool own_draft = lock.status == "draft" && lock.created_by == caller.user_id;
  if (!own_draft && *caller.role < Role::admin)
    throw Problem(problems::auth_insufficient_role,
                  "a member edits drafts that he made himself: anything else on a lock needs the role admin");
}

Applied edit(store::Tx& tx, const Caller& caller, const Target& target, const LockFields& fields) {
  StrategyLock lock = find(tx, caller, target);
  judge_editor(caller, lock);
  if (lock.status == "rejected")
    throw Problem(problems::strategy_lock_invalid_state, "a rejected lock stays rejected: make a new one");
  const bool approved = lock.status == "approved";
  LockTerms terms = lock.draft ? *lock.draft : lock;
  const Json before = details_of(lock, terms);
  fields.apply_to(terms);
  judge_whole(tx, caller, terms);
  lock.updated_at = next_change(lock);
  lock.updated_by = caller.user_id;
  if (std::ranges::find(lock.editors, caller.user_id) == lock.editors.end()) lock.editors.push_back(caller.user_id);
  if (approved)
    lock.draft = terms;
  else
    static_cast<LockTerms&>(lock) = terms;
  store::update_strategy_lock(tx, caller.realm(), lock);
  return applied(caller, lock, {{"before", before}, {"after", details_of(lock, terms)}}, 200);
}

/// Somebody else must have looked, where it matters.
void judge_four_eyes(const Caller& caller, const StrategyLock& lock) {
  if (caller.env() == Env::dev) return;
  const bool edited = std::ranges::find(lock.editors, caller.user_id) != lock.editors.end();
  if (lock.created_by == caller.user_id || edited)
    throw Problem(problems::strategy_lock_self_approval,
                  lock.created_by == caller.user_id ? "you made this lock: another admin approves it"
                                                    : "you edited this lock since its last approval: another admin "
                                                      "approves it");
}

/// Limits bind what is put in force from now on; what an older daemon let in stays.
void judge_room(const store::Reader& reader, const Caller& caller, const StrategyLock& lock, const LockTerms& terms) {
  if (terms.allowed_actions.size() > limits::lock_actions_max)
    throw Problem(problems::limit_reached, "a lock allows at most " + std::to_string(limits::lock_actions_max) +
                                               " actions: edit allowed_actions first");
  const int others = store::count_other_approved_locks(reader, caller.realm(), lock.lock_id, now_micros());
  if (others >= limits::locks_in_force_max)
    throw Problem(problems::limit_reached, "at most " + std::to_string(limits::locks_in_force_max) +
                                               " approved locks are in force in a tenant and env: give one an end "
                                               "(valid_until), or put several into one");
}

void approve(const store::Reader& reader, const Caller& caller, StrategyLock& lock, const LockTerms& terms) {
  if (is_over(terms, now_micros()))
    throw Problem(problems::strategy_lock_invalid_state, "what is to be approved is over: edit its valid_until first");
  judge_four_eyes(caller, lock);
  judge_room(reader, caller, lock, terms);
  static_cast<LockTerms&>(lock) = terms;
  lock.status = "approved";
  lock.draft.reset();
  lock.editors.clear();
  lock.decided_at = next_change(lock);
  lock.decided_by = caller.user_id;
}

/// The approved terms, and who approved them, stay as they are beside a draft version that goes.
void reject(const Caller& caller, StrategyLock& lock) {
  if (lock.draft) {
    lock.draft.reset();
    lock.updated_at = next_change(lock);
    lock.updated_by = caller.user_id;
    return;
  }
  lock.status = "rejected";
  lock.decided_at = next_change(lock);
  lock.decided_by = caller.user_id;
}

/// On the draft version where there is one, else on the lock.
Applied decide(store::Tx& tx, const Caller& caller, const Target& target, bool approves) {
  StrategyLock lock = find(tx, caller, target);
  const LockTerms terms = lock.draft ? *lock.draft : lock;
  const std::string status = status_of(lock, now_micros());
  if (!lock.draft && status != "draft")
    throw Problem(problems::strategy_lock_invalid_state, "the lock is " + status + ", and only a draft is decided on");
  if (approves)
    approve(tx, caller, lock, terms);
  else
    reject(caller, lock);
  store::update_strategy_lock(tx, caller.realm(), lock);
  return applied(caller, lock, details_of(lock, terms), 200);
}

http::WriteHandler decision(bool approves) {
  return http::writes(target_of, [approves](store::Tx& tx, const Caller& caller, const Target& target) {
    return decide(tx, caller, target, approves);
  });
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& lock_id) {
  const StrategyLock lock = find(reader, caller, {lock_id, {}});
  return {.json = domain::with_context(lock_json(lock), caller), .fields = {{"ETag", etag_of(lock)}}};
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  auto rows = store::list_strategy_locks(reader, caller.realm(), page.mark, page.limit + 1);
  return {.json = http::page_json<StrategyLock>(
              page, rows, [&](const StrategyLock& row) { return domain::with_context(lock_json(row), caller); },
              [](const StrategyLock& row) { return row.lock_id; })};
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
          .body_names_surface = has_body,
          .policy = gates::Policy::audited,
          .effects = http::kOwnRowsAlone,
          .body = has_body ? http::Body::json : http::Body::none,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.add(write_route(
      "POST", "/strategy-locks", Role::member, "lock_create", http::WriteHandler(handle_create),
      {"Make a strategy lock, as a draft", "control", lock_fields_schema(true), lock_schema(), 201, {}, {}}));
  routes.add(domain::read_route(
      "/strategy-locks", "lock_read", Role::viewer,
      http::reads([](Input& input) { return http::take_page(input, "strategy_locks"); }, list),
      {"List strategy locks", "control", {}, schema::page(lock_schema()), 200, http::page_parameters(), {}}));
  routes.add(domain::read_route("/strategy-locks/{lock_id}", "lock_read", Role::viewer,
                                http::reads([](Input& input) { return input.param("lock_id"); }, show),
                                {"Show a strategy lock", "control", {}, lock_schema(), 200, {}, {404}}));
  routes.add(write_route("PATCH", "/strategy-locks/{lock_id}", Role::member, "lock_update",
                         http::WriteHandler(handle_edit),
                         {"Edit a draft; of an approved lock, make a draft version, which waits beside it",
                          "control",
                          lock_fields_schema(false),
                          lock_schema(),
                          200,
                          {},
                          {404, 409, 412}}));
  routes.add(write_route("POST", "/strategy-locks/{lock_id}/approve", Role::admin, "lock_approve", decision(true),
                         {"Approve a draft, or the draft version of an approved lock",
                          "control",
                          {},
                          lock_schema(),
                          200,
                          {},
                          {404, 409, 412}}));
  routes.add(write_route("POST", "/strategy-locks/{lock_id}/reject", Role::admin, "lock_reject", decision(false),
                         {"Reject a draft, for good, or drop the draft version of an approved lock",
                          "control",
                          {},
                          lock_schema(),
                          200,
                          {},
                          {404, 409, 412}}));
}

}  // namespace nexus::strategy_locks
