// The life of a strategy lock: draft, then approved or rejected by an admin; a rejection is final. Members edit drafts
// that they made themselves; everything else needs an admin. An edit of an approved lock makes a draft version beside
// it. The approved terms stay in force until the new ones are approved, and a rejection drops the new ones alone.
// Staging and prod need two people: the approver must be neither the creator nor an editor since the lock's last
// approval. Answers carry an ETag and If-Match is honoured, so that an approval applies to the version that was read.
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/strategy_locks/problems.hpp"
#include "daemon/strategy_locks/terms.hpp"
#include "store/gates.hpp"

namespace nexus::strategy_locks {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using Draft = model::Draft<Lock>;

/// The lock, and the version of it that the client has seen.
struct Target {
  std::string lock_id;
  std::optional<std::string> if_match;
};

Target target_of(Input& input) { return {input.param("lock_id"), http::take_if_match(input)}; }

/// The time of the last change; no two versions share it.
Micros changed_at(const Lock& lock) { return std::max(lock.updated_at, lock.decided_at.value_or(0)); }
Micros next_change(const Lock& lock) { return std::max(now_micros(), changed_at(lock) + 1); }

std::string etag_of(const Lock& lock) { return "\"lock-" + std::to_string(changed_at(lock)) + "\""; }

Lock find(const store::Reader& reader, const Caller& caller, const Target& target) {
  Lock lock = found(store::find_row<kLock>(reader, caller.realm(), target.lock_id), problems::strategy_lock_not_found,
                    "they are shown by nexusctl lock list");
  http::judge_if_match(target.if_match, etag_of(lock));
  return lock;
}

/// Judges what depends on other fields or on stored rows.
void judge_whole(const store::Reader& reader, const Caller& caller, const Lock& terms) {
  std::vector<FieldError> errors;
  if (terms.valid_from && terms.valid_until && *terms.valid_until <= *terms.valid_from)
    errors.push_back({"/valid_until", "must lie after valid_from"});
  if (terms.three_wise_id && !store::has_row<three_wise::kQuestion>(reader, caller.realm(), *terms.three_wise_id))
    errors.push_back({"/three_wise_id", "must be a question of this tenant and env"});
  if (!errors.empty())
    throw Problem(problems::validation_failed, errors.front().pointer + " " + errors.front().detail)
        .with_errors(errors);
}

Applied applied(const Lock& lock, Json details, int status) {
  return {.json = lock_json(lock),
          .subject_type = "strategy_lock",
          .subject_id = lock.lock_id,
          .details = std::move(details),
          .status = status,
          .fields = {{"ETag", etag_of(lock)}}};
}

/// The part of changed or decided terms that the audit row keeps: what decides over acts, no free text.
Json details_of(const Lock& lock, const Lock& terms) {
  Json details = model::json_of(kLock, terms,
                                {"surface", "scope", "allowed_actions", "three_wise_id", "valid_from", "valid_until"});
  details["status"] = lock.status;
  return details;
}

Applied create(store::Tx& tx, const Caller& caller, const Draft& sent) {
  Lock lock = domain::made_by(caller, sent.value);
  lock.lock_id = new_id(caller.tenant());
  lock.status = "draft";
  judge_whole(tx, caller, lock);
  store::insert_row<kLock>(tx, lock);
  Applied done = applied(lock, details_of(lock, lock), 201);
  done.fields.emplace_back("Location", "/strategy-locks/" + lock.lock_id);
  return done;
}

void judge_editor(const Caller& caller, const Lock& lock) {
  const bool own_draft = lock.status == "draft" && lock.created_by == caller.user_id;
  if (!own_draft && !caller.sees_all())
    throw Problem(problems::auth_insufficient_role,
                  "a member edits drafts that he made himself: anything else on a lock needs the role admin");
}

Applied edit(store::Tx& tx, const Caller& caller, const Target& target, const Draft& sent) {
  Lock lock = find(tx, caller, target);
  judge_editor(caller, lock);
  if (lock.status == "rejected")
    throw Problem(problems::strategy_lock_invalid_state, "a rejected lock stays rejected: make a new one");
  Lock terms = with_draft(lock);
  const Json before = details_of(lock, terms);
  sent.apply_to(kLock, terms);
  judge_whole(tx, caller, terms);
  lock.updated_at = next_change(lock);
  lock.updated_by = caller.user_id;
  if (std::ranges::find(lock.editors, caller.user_id) == lock.editors.end()) lock.editors.push_back(caller.user_id);
  if (lock.status == "approved")
    lock.draft = draft_text(terms);
  else
    sent.apply_to(kLock, lock);
  store::update_row<kLock>(tx, lock);
  return applied(lock, {{"before", before}, {"after", details_of(lock, terms)}}, 200);
}

/// Outside dev, a lock needs the approval of another person.
void judge_four_eyes(const Caller& caller, const Lock& lock) {
  if (caller.env() == Env::dev) return;
  const bool edited = std::ranges::find(lock.editors, caller.user_id) != lock.editors.end();
  if (lock.created_by == caller.user_id || edited)
    throw Problem(problems::strategy_lock_self_approval,
                  lock.created_by == caller.user_id ? "you made this lock: another admin approves it"
                                                    : "you edited this lock since its last approval: another admin "
                                                      "approves it");
}

/// Limits apply to terms that come into force from now on; those that an older daemon accepted stay.
void judge_room(const store::Reader& reader, const Caller& caller, const Lock& lock, const Lock& terms) {
  if (terms.allowed_actions.size() > limits::lock_actions_max)
    throw Problem(problems::limit_reached, "a lock allows at most " + std::to_string(limits::lock_actions_max) +
                                               " actions: edit allowed_actions first");
  const int others = store::count_other_approved_locks(reader, caller.realm(), lock.lock_id, now_micros());
  if (others >= limits::locks_in_force_max)
    throw Problem(problems::limit_reached, "at most " + std::to_string(limits::locks_in_force_max) +
                                               " approved locks are in force in a tenant and env: give one an end "
                                               "(valid_until), or put several into one");
}

void approve(const store::Reader& reader, const Caller& caller, Lock& lock, const Lock& terms) {
  if (is_over(terms, now_micros()))
    throw Problem(problems::strategy_lock_invalid_state, "what is to be approved is over: edit its valid_until first");
  judge_four_eyes(caller, lock);
  judge_room(reader, caller, lock, terms);
  lock = terms;
  lock.status = "approved";
  lock.draft.reset();
  lock.editors.clear();
  lock.decided_at = next_change(lock);
  lock.decided_by = caller.user_id;
}

/// The approved terms and their approver stay unchanged when a draft version beside them is dropped.
void reject(const Caller& caller, Lock& lock) {
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

/// Decides on the draft version where there is one, else on the lock.
Applied decide(store::Tx& tx, const Caller& caller, const Target& target, bool approves) {
  Lock lock = find(tx, caller, target);
  const Lock terms = with_draft(lock);
  const std::string status = status_of(lock, now_micros());
  if (!lock.draft && status != "draft")
    throw Problem(problems::strategy_lock_invalid_state, "the lock is " + status + ", and only a draft is decided on");
  if (approves)
    approve(tx, caller, lock, terms);
  else
    reject(caller, lock);
  store::update_row<kLock>(tx, lock);
  return applied(lock, details_of(lock, terms), 200);
}

http::WriteHandler decision(bool approves) {
  return http::writes(target_of, [approves](store::Tx& tx, const Caller& caller, const Target& target) {
    return decide(tx, caller, target, approves);
  });
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& lock_id) {
  const Lock lock = find(reader, caller, {lock_id, {}});
  return {.json = lock_json(lock), .fields = {{"ETag", etag_of(lock)}}};
}

/// The audit row is under the surface that the body names.
http::Write named(Input& input, const Draft& sent, std::function<Applied(store::Tx&, const Caller&)> apply) {
  if (sent.value.surface == "*")
    input.body.fault("surface", "must be one surface: leave it out for a lock of all of them");
  http::Write write;
  write.apply = std::move(apply);
  write.surface = sent.value.surface.value_or("");
  return write;
}

http::Write handle_create(Input& input) {
  const Draft sent = model::take_new(kLock, input.body);
  return named(input, sent, [sent](store::Tx& tx, const Caller& caller) { return create(tx, caller, sent); });
}

http::Write handle_edit(Input& input) {
  const Draft sent = model::take_change(kLock, input.body);
  const Target target = target_of(input);
  return named(input, sent,
               [sent, target](store::Tx& tx, const Caller& caller) { return edit(tx, caller, target, sent); });
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  http::Surface surface{.name = "control",
                        .read_action = "lock_read",
                        .policy = gates::Policy::audited,
                        .effects = http::kOwnRowsAlone,
                        .body_names_surface = true};
  const Json shape = lock_schema();
  const std::string one = "/strategy-locks/{lock_id}";
  routes.add(surface.create(
      "/strategy-locks", "lock_create", handle_create,
      {.summary = "Make a strategy lock, as a draft", .request = terms_schema(true), .response = shape}));
  routes.add(surface.list("/strategy-locks", http::newest<kLock>("strategy_locks", lock_json),
                          {.summary = "List strategy locks", .response = shape}));
  routes.add(surface.show(one, http::reads(http::param("lock_id"), show),
                          {.summary = "Show a strategy lock", .response = shape}));
  routes.add(
      surface.change(one, "lock_update", handle_edit,
                     {.summary = "Edit a draft; of an approved lock, make a draft version, which waits beside it",
                      .request = terms_schema(false),
                      .response = shape,
                      .refusals = {409, 412}}));
  surface.writes = Role::admin;
  routes.add(surface.act(one + "/approve", "lock_approve", decision(true),
                         {.summary = "Approve a draft, or the draft version of an approved lock",
                          .response = shape,
                          .refusals = {404, 409, 412}}));
  routes.add(surface.act(one + "/reject", "lock_reject", decision(false),
                         {.summary = "Reject a draft, for good, or drop the draft version of an approved lock",
                          .response = shape,
                          .refusals = {404, 409, 412}}));
}

}  // namespace nexus::strategy_locks
