// Invitations end by time and with their inviter, and are then gone from every reading; and locks that were made before
// there were draft versions go on.
#include "store/identity.hpp"

#include <algorithm>

#include "daemon/strategy_locks/lock.hpp"
#include "store/gates.hpp"
#include "store/model_rows.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;
using nexus::strategy_locks::kLock;
using nexus::strategy_locks::Lock;

namespace {

constexpr Micros kNow = 1'000'000;

struct MigratedMembers {
  Scratch scratch;
  Connection connection{ConnectionOptions{.path = scratch.database()}};
  Tx tx{connection};
};

struct House : MigratedMembers {
  House() {
    migrate(connection, embedded_migrations());
    insert_row<identity::kTenant>(tx, {"t_x", "X", "active", kNow, "system"});
    for (const char* user : {"u_owner", "u_admin"}) insert_row<identity::kUser>(tx, {user, {}, {}, kNow, "system"});
    put_member(tx, {"t_x", "u_owner", "owner", kNow});
    put_member(tx, {"t_x", "u_admin", "admin", kNow});
  }
  void invite(const std::string& user, const std::string& role, const std::string& by, Micros expires_at = kNow + 10) {
    put_row<identity::kInvitation>(tx, {"t_x", user, role, by, kNow, expires_at});
  }
  std::string open(Micros now = kNow) {
    std::string out;
    for (const auto& row : list_invitations(tx, "t_x", {}, 100, now)) out += row.user_id + " ";
    return out;
  }
};

}  // namespace

TEST_CASE("an invitation that has expired is in no answer, and is pruned") {
  House house;
  house.invite("u_late", "viewer", "u_admin", kNow + 1);
  house.invite("u_still", "viewer", "u_admin", kNow + 2);
  CHECK(house.open() == "u_still u_late ");
  CHECK(house.open(kNow + 1) == "u_still ");
  CHECK(count_invitations(house.tx, "t_x", kNow + 1) == 1);
  CHECK_FALSE(find_invitation(house.tx, "t_x", "u_late", kNow + 1));
  CHECK(list_invitations_to(house.tx, "u_late", kNow + 1).empty());
  CHECK(list_invitations_to(house.tx, "u_late", kNow).size() == 1);
  prune_invitations(house.tx, "t_x", kNow + 1);
  CHECK(house.open() == "u_still ");
}

TEST_CASE("what an inviter offered ends where he may not offer it any more") {
  House house;
  house.invite("u_a", "owner", "u_owner");
  house.invite("u_b", "admin", "u_owner");
  house.invite("u_c", "viewer", "u_admin");
  put_member(house.tx, {"t_x", "u_owner", "owner", kNow});
  CHECK(house.open() == "u_c u_b u_a ");
  put_member(house.tx, {"t_x", "u_owner", "admin", kNow});
  CHECK(house.open() == "u_c u_b ");
  put_member(house.tx, {"t_x", "u_owner", "member", kNow});
  CHECK(house.open() == "u_c ");
  delete_member(house.tx, "t_x", "u_admin");
  CHECK(house.open().empty());
}

TEST_CASE("a lock made before there were draft versions is read as it was, and takes one") {
  MigratedMembers store;
  const auto all = embedded_migrations();
  const auto ours = std::ranges::find(all, std::string_view("invitations_lock_drafts"), &Migration::name);
  REQUIRE(ours != all.end());
  migrate(store.connection, all.first(static_cast<std::size_t>(ours - all.begin())));
  store.tx.run(
      "INSERT INTO strategy_locks (tenant_id, env, lock_id, scope, title, constraints, allowed_actions, status, "
      "editors, created_at, created_by, updated_at, updated_by) "
      "VALUES ('t_x', 'prod', 'old', 'other', 'A plan', '{}', '[\"a\",\"b\"]', 'approved', '[]', 1, 'u', 1, 'u')");
  migrate(store.connection, all);
  auto lock = find_row<kLock>(store.tx, {.tenant = "t_x", .env = "prod"}, "old");
  REQUIRE(lock);
  CHECK_FALSE(lock->draft);
  CHECK(list_approved_locks(store.tx, {.tenant = "t_x", .env = "prod"}, "a", kNow).size() == 1);
  lock->draft = R"({"title":"Another plan"})";
  update_row<kLock>(store.tx, *lock);
  CHECK(find_row<kLock>(store.tx, {.tenant = "t_x", .env = "prod"}, "old")->draft == lock->draft);
  const auto in_force = list_approved_locks(store.tx, {.tenant = "t_x", .env = "prod"}, "b", kNow);
  REQUIRE(in_force.size() == 1);
  CHECK(in_force[0].by_name);
}

TEST_CASE("approved locks are counted over all surfaces, without the one that is asked about and those that are over") {
  House house;
  const auto add = [&](const std::string& id, const std::string& status, std::optional<Micros> until) {
    Lock lock;
    lock.tenant_id = "t_x";
    lock.env = "dev";
    lock.lock_id = id;
    lock.surface = "surface_" + id;
    lock.scope = "other";
    lock.title = "A plan";
    lock.allowed_actions = {"*"};
    lock.valid_until = until;
    lock.status = status;
    lock.created_by = lock.updated_by = "u_owner";
    insert_row<kLock>(house.tx, lock);
  };
  add("a", "approved", {});
  add("b", "approved", kNow + 1);
  add("c", "approved", kNow);
  add("d", "draft", {});
  CHECK(count_other_approved_locks(house.tx, {.tenant = "t_x", .env = "dev"}, "none", kNow) == 2);
  CHECK(count_other_approved_locks(house.tx, {.tenant = "t_x", .env = "dev"}, "a", kNow) == 1);
  CHECK(count_other_approved_locks(house.tx, {.tenant = "t_x", .env = "prod"}, "none", kNow) == 0);
}
