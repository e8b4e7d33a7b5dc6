// What the gates read at every request stays quick however many licences and locks of the past there are: each read
// names its index, and SQLite must agree that it can be used.
#include <set>

#include "daemon/strategy_locks/lock.hpp"
#include "store/gates.hpp"
#include "store/model_rows.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using nexus::firearms::kLicence;
using nexus::strategy_locks::kLock;
using nexus::strategy_locks::Lock;

namespace {

struct Migrated {
  Scratch scratch;
  Connection connection{ConnectionOptions{.path = scratch.database()}};
  Tx tx{connection};
  Migrated() { migrate(connection, embedded_migrations()); }
};

Licence licence(const std::string& id, std::string tenant = "t_x", std::string env = "dev") {
  Licence out;
  out.tenant_id = std::move(tenant);
  out.env = std::move(env);
  out.licence_id = id;
  out.subject_type = "user";
  out.subject_id = "u_ann";
  out.level = "high";
  out.created_by = "u_bob";
  return out;
}

Lock lock(const std::string& id, std::optional<std::string> surface, std::optional<nexus::Micros> valid_until,
          std::string tenant = "t_x", std::string env = "dev") {
  Lock out;
  out.tenant_id = std::move(tenant);
  out.env = std::move(env);
  out.lock_id = id;
  out.surface = std::move(surface);
  out.scope = "other";
  out.title = "A plan";
  out.allowed_actions = {"*"};
  out.valid_until = valid_until;
  out.status = "approved";
  out.created_by = out.updated_by = "u_bob";
  return out;
}

std::string ids(const std::vector<ApprovedLock>& locks) {
  std::string out;
  for (const auto& lock : locks) out += lock.lock_id;
  return out;
}

/// Each as `surface from until`.
std::set<std::string> spans(const std::vector<LockSpan>& list) {
  const auto text = [](const std::optional<nexus::Micros>& at) { return at ? std::to_string(*at) : "-"; };
  std::set<std::string> out;
  for (const auto& span : list) out.insert(span.surface + " " + text(span.valid_from) + " " + text(span.valid_until));
  return out;
}

constexpr nexus::Realm kDev{.tenant = "t_x", .env = "dev"};

}  // namespace

TEST_CASE("a subject's licences are those that are not revoked, of its tenant, env, type and id alone") {
  Migrated store;
  for (const char* id : {"a", "b"}) insert_row<kLicence>(store.tx, licence(id));
  insert_row<kLicence>(store.tx, licence("c", "t_x", "prod"));
  insert_row<kLicence>(store.tx, licence("d", "t_y"));
  Licence revoked = licence("a");
  revoked.revoked_at = 1;
  update_row<kLicence>(store.tx, revoked);
  const auto held = list_held_licences(store.tx, {.tenant = "t_x", .env = "dev"}, "user", "u_ann");
  REQUIRE(held.size() == 1);
  CHECK(held[0].licence_id == "b");
  CHECK(list_held_licences(store.tx, {.tenant = "t_x", .env = "dev"}, "agent", "u_ann").empty());
  CHECK(list_held_licences(store.tx, {.tenant = "t_x", .env = "dev"}, "user", "u_an").empty());
}

TEST_CASE("approved locks are those of any surface that are not over; one may still have to begin") {
  Migrated store;
  insert_row<kLock>(store.tx, lock("a", "cards", {}));
  insert_row<kLock>(store.tx, lock("b", {}, 101));
  insert_row<kLock>(store.tx, lock("c", "cards", 100));
  insert_row<kLock>(store.tx, lock("d", "atoms", {}));
  insert_row<kLock>(store.tx, lock("e", {}, {}, "t_x", "prod"));
  insert_row<kLock>(store.tx, lock("f", {}, {}, "t_y", "dev"));
  Lock later = lock("g", {}, {});
  later.valid_from = 101;
  insert_row<kLock>(store.tx, later);
  for (const char* status : {"draft", "rejected"}) {
    Lock other = lock(status, {}, {});
    other.status = status;
    insert_row<kLock>(store.tx, other);
  }
  CHECK(ids(list_approved_locks(store.tx, kDev, "publish", 100)) == "abdg");
  CHECK(ids(list_approved_locks(store.tx, kDev, "publish", 101)) == "adg");
  CHECK(spans(list_lock_spans(store.tx, kDev, 100)) ==
        std::set<std::string>{" - 101", " 101 -", "atoms - -", "cards - -"});
}

TEST_CASE("an approved lock is read only for what it allows: what it names, or everything") {
  Migrated store;
  const auto add = [&](const std::string& id, std::vector<std::string> actions) {
    Lock one = lock(id, {}, {});
    one.allowed_actions = std::move(actions);
    insert_row<kLock>(store.tx, one);
  };
  add("a", {"publish"});
  add("b", {"x", "publish", "y"});
  add("c", {"*"});
  add("d", {"published", "unpublish", "pub"});
  add("e", {"*", "publish"});
  const auto locks = list_approved_locks(store.tx, kDev, "publish", 1);
  CHECK(ids(locks) == "abce");
  std::string by_name;
  for (const auto& one : locks) by_name += one.by_name ? one.lock_id : "";
  CHECK(by_name == "abe");
  CHECK(ids(list_approved_locks(store.tx, kDev, "pub", 1)) == "cde");
  CHECK(ids(list_approved_locks(store.tx, kDev, "lish", 1)) == "ce");
  CHECK(ids(list_approved_locks(store.tx, kDev, R"(x","publish)", 1)) == "ce");
  CHECK(ids(list_approved_locks(store.tx, kDev, "", 1)) == "ce");
  CHECK(spans(list_lock_spans(store.tx, kDev, 1)) == std::set<std::string>{" - -"});
}

TEST_CASE("a lock that hangs on no question is asked first") {
  Migrated store;
  Lock waiting = lock("a", {}, {});
  waiting.three_wise_id = "q";
  insert_row<kLock>(store.tx, waiting);
  insert_row<kLock>(store.tx, lock("b", {}, {}));
  CHECK(ids(list_approved_locks(store.tx, kDev, "publish", 1)) == "ba");
}
