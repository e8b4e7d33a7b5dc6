// A restore: what it tells, what it takes over from the living store, what it blocks without one, what it refuses.
#include "daemon/audit/succession.hpp"
#include "daemon/audit/verify_store.hpp"

#include "store/audit_log.hpp"
#include "store/gates.hpp"
#include "store/tickets.hpp"
#include "tests/unit/app/restore_support.hpp"

namespace nexus::test {
namespace {

const Realm kProd{.tenant = "t_a", .env = "prod"};

void add_token(store::Tx& tx, const char* id) {
  tx.run("INSERT INTO tokens VALUES (?1, 'u_2', NULL, 'human', NULL, NULL, NULL, 1, 'u_1', ?2, NULL, NULL)", id,
         INT64_MAX);
}

void add_licence(store::Tx& tx, const char* id) {
  tx.run(
      "INSERT INTO firearms_licences VALUES ('t_a', 'prod', ?1, 'user', 'u_2', NULL, 'high', NULL, NULL, NULL, NULL, "
      "1, 'u_1')",
      id);
}

void add_invitation(store::Tx& tx, const char* user, const char* role) {
  tx.run("INSERT INTO invitations VALUES ('t_a', ?1, ?2, 'u_1', 1, ?3)", user, role, INT64_MAX);
}

void put_switches(store::Tx& tx, std::vector<store::SwitchEntry> entries, std::int64_t version) {
  store::KillSwitches document;
  document.entries = std::move(entries);
  document.version = version;
  store::put_kill_switches(tx, kProd, document);
}

store::SwitchEntry entry(const char* action, std::optional<Micros> end = std::nullopt) {
  return {.name = action, .ends_with_document = false, .expires_at = end, .set_by = "u_1", .since = 1};
}

/// Rights of every kind, as they stand when the backup is made.
void grant(store::Tx& tx) {
  Stores::put_member(tx, "t_a", "u_2", "admin");
  Stores::put_member(tx, "t_a", "u_3", "member");
  Stores::put_member(tx, "t_b", "u_3", "viewer");
  for (const char* token : {"k_1", "k_2"}) add_token(tx, token);
  for (const char* licence : {"l_1", "l_2"}) add_licence(tx, licence);
  add_invitation(tx, "u_8", "member");
  add_invitation(tx, "u_9", "member");
  put_switches(tx, {entry("a_1"), entry("a_2", 5)}, 7);
  tx.run("INSERT INTO dangerous_actions VALUES ('t_a', 'prod', 'd_1', 'low', 1, 'u_1')");
  tx.run("INSERT INTO training_preferences VALUES ('t_a', 'prod', 'u_2', 0, 1, 'u_2')");
  tx.run("INSERT INTO feature_flags VALUES ('t_a', 'prod', 1, NULL, NULL, 3, 1, 'u_1')");
}

/// Narrows one right of each kind, and widens others.
void narrow(store::Tx& tx) {
  store::revoke_token(tx, "k_1", 9);
  store::deny_token(tx, "foreign", 9, 99);
  store::delete_member(tx, "t_a", "u_3");
  Stores::put_member(tx, "t_a", "u_2", "viewer");
  store::delete_invitation(tx, "t_a", "u_9");
  tx.run("UPDATE tenants SET status = 'suspended' WHERE tenant_id = 't_b'");
  tx.run("UPDATE firearms_licences SET revoked_at = 9, revoked_by = 'u_1', revoked_seq = 4 WHERE licence_id = 'l_1'");
  put_switches(tx, {entry("a_2"), entry("a_3")}, 12);
  tx.run("UPDATE dangerous_actions SET level = 'high'");
  tx.run("DELETE FROM training_preferences");
  tx.run("INSERT INTO training_preferences VALUES ('t_a', '', 'u_2', 1, 9, 'u_2')");
  tx.run("UPDATE feature_flags SET ws_enabled = 0, sse_enabled = 1");
  Stores::put_member(tx, "t_b", "u_3", "owner");
  add_token(tx, "k_new");
  Stores::act(tx, "t_a", "raw_delete");
  Stores::act(tx, "t_a", "raw_delete");
}

/// What is narrowed of the above, in the names of the report.
Json all_taken_over() {
  return {{"tenants_stopped", 1},       {"members_removed", 1},    {"roles_lowered", 1},
          {"invitations_withdrawn", 1}, {"tokens_revoked", 1},     {"foreign_tokens_denied", 1},
          {"licences_revoked", 1},      {"training_opt_outs", 1},  {"actions_declared_dangerous", 1},
          {"flags_switched_off", 1},    {"kill_switch_entries", 2}};
}

Json restore_details(const Stores& stores, const std::string& tenant) {
  return parse_own_json(stores.text("SELECT details FROM audit_rows WHERE action = 'store_restore' AND tenant_id = '" +
                                    tenant + "' AND env = 'prod'"));
}

}  // namespace

TEST_CASE("a restore takes over each right that was narrowed since, and none that was widened", "[restore]") {
  Stores stores;
  stores.run(grant);
  stores.back_up();
  stores.run(narrow);
  const auto report = stores.restore();
  CHECK(report.json["from_living"] == true);
  CHECK(report.json["taken_over"] == all_taken_over());
  CHECK(stores.texts("SELECT token_id FROM tokens WHERE revoked_at IS NULL") == std::vector<std::string>{"k_2"});
  CHECK(stores.texts("SELECT token_id FROM denied_tokens") == std::vector<std::string>{"foreign"});
  CHECK(stores.texts("SELECT tenant_id || user_id || role FROM memberships ORDER BY 1") ==
        std::vector<std::string>{"t_au_1owner", "t_au_2viewer", "t_bu_1owner", "t_bu_3viewer"});
  CHECK(stores.texts("SELECT user_id FROM invitations") == std::vector<std::string>{"u_8"});
  CHECK(stores.texts("SELECT tenant_id FROM tenants WHERE status = 'active' ORDER BY 1") ==
        std::vector<std::string>{"t_a", "t_system"});
  CHECK(stores.texts("SELECT licence_id FROM firearms_licences WHERE revoked_at IS NULL") ==
        std::vector<std::string>{"l_2"});
  CHECK(stores.texts("SELECT name || coalesce(expires_at, '') FROM kill_switch_entries ORDER BY name") ==
        std::vector<std::string>{"a_1", "a_2", "a_3"});
  CHECK(stores.text("SELECT version FROM kill_switches") == "13");
  CHECK(stores.text("SELECT level FROM dangerous_actions") == "high");
  CHECK(stores.texts("SELECT env || user_id || opt_out FROM training_preferences") == std::vector<std::string>{"u_21"});
  CHECK(stores.text("SELECT ws_enabled || coalesce(sse_enabled, '-') FROM feature_flags") == "0-");
}

TEST_CASE("a restore tells what is lost, and what to do again", "[restore]") {
  Stores stores;
  stores.run(grant);
  stores.back_up();
  stores.run(narrow);
  const auto report = stores.restore({.plan_only = true});
  CHECK(report.json["lost"]["chains"] ==
        Json::array({{{"tenant_id", "t_a"}, {"env", "prod"}, {"rows", 2}, {"acts", {{"raw_delete", 2}}}}}));
  CHECK(report.json["lost"]["made_since"] ==
        Json({{"tenants", 0}, {"users", 0}, {"members", 0}, {"tokens", 1}, {"assets", 0}}));
  CHECK(has_line(report, "lost: t_a/prod: 2 audit rows: raw_delete 2"));
  CHECK(has_line(report, "to do: do again in t_a/prod: raw_delete, 2 times"));
}

TEST_CASE("a plan changes nothing, and says what a restore then does", "[restore]") {
  Stores stores;
  stores.run(grant);
  stores.back_up();
  stores.run(narrow);
  const auto before = tree_of(stores.data());
  const auto plan = stores.restore({.plan_only = true});
  CHECK(tree_of(stores.data()) == before);
  CHECK_FALSE(fs::exists(stores.data() / "restore.tmp"));
  const auto report = stores.restore();
  CHECK(plan.json["taken_over"] == report.json["taken_over"]);
  CHECK(plan.json["lost"] == report.json["lost"]);
}

TEST_CASE("as it was, a restore takes nothing over and blocks nothing", "[restore]") {
  Stores stores;
  stores.run(grant);
  stores.back_up();
  stores.run(narrow);
  const auto report = stores.restore({.as_it_was = true});
  CHECK(report.json["taken_over"] == Json::object());
  CHECK(stores.texts("SELECT token_id FROM tokens WHERE revoked_at IS NULL ORDER BY 1") ==
        std::vector<std::string>{"k_1", "k_2"});
  CHECK(stores.text("SELECT count(*) FROM tenants WHERE status <> 'active'") == "0");
  CHECK(restore_details(stores, "t_system")["as_it_was"] == true);
}

TEST_CASE("a ticket of before a restore opens nothing after it: it may have been used since", "[restore]") {
  for (const bool as_it_was : {false, true}) {
    Stores stores;
    store::Ticket ticket;
    ticket.digest = "d";
    ticket.until = now_micros() + kDay;
    stores.run([&](store::Tx& tx) { store::put_ticket(tx, ticket); });
    stores.back_up();
    CHECK(stores.text("SELECT count(*) FROM tickets") == "1");
    stores.restore({.as_it_was = as_it_was});
    CHECK(stores.text("SELECT count(*) FROM tickets") == "0");
  }
}

TEST_CASE("a tenant's chain tells of the restore, and of no other tenant", "[restore]") {
  Stores stores;
  stores.run(grant);
  stores.back_up();
  stores.run(narrow);
  const std::string epoch = stores.text("SELECT value FROM meta WHERE key = 'epoch'");
  stores.restore();
  CHECK(stores.texts("SELECT tenant_id || '/' || env FROM audit_rows WHERE action = 'store_restore' ORDER BY 1") ==
        std::vector<std::string>{"t_a/prod", "t_b/prod", "t_system/prod"});
  CHECK(restore_details(stores, "t_b")["taken_over"] == Json({{"tenants_stopped", 1}}));
  CHECK(restore_details(stores, "t_system")["taken_over"] == all_taken_over());
  CHECK(restore_details(stores, "t_a")["backup_id"] == stores.manifest().backup_id);
  CHECK(restore_details(stores, "t_a")["made_at"] == to_rfc3339(kMadeAt));
  CHECK(stores.text("SELECT value FROM meta WHERE key = 'epoch'") != epoch);
  CHECK(stores.text("SELECT value FROM meta WHERE key = 'in_use'") == "");
}

TEST_CASE("a verification of the restored database names the restore and finds no fault", "[restore][audit]") {
  Stores stores;
  stores.back_up();
  stores.run([](store::Tx& tx) { Stores::act(tx, "t_a", "raw_delete"); });
  stores.restore();
  store::Connection connection({.path = stores.data() / "nexus.db", .read_only = true, .offline = true});
  const store::Reader reader(connection);
  const auto verdicts = audit::verify_store(reader, stores.manifest().instance_id, audit::list_checkpoint_keys(reader),
                                            {}, {}, [](std::int64_t) {});
  const auto of_a = std::ranges::find_if(verdicts, [](const auto& each) { return each.chain.tenant == "t_a"; });
  REQUIRE(of_a != verdicts.end());
  CHECK(of_a->report.ok());
  REQUIRE(of_a->report.restores.size() == 1);
  CHECK(of_a->report.restores[0].row == 2);
  CHECK(of_a->report.restores[0].backup_id == stores.manifest().backup_id);
  CHECK(of_a->report.restores[0].made_at == to_rfc3339(kMadeAt));
}

TEST_CASE("the system token in force stays in force", "[restore]") {
  Stores stores;
  stores.back_up();
  {
    app::Installation installation({.data_dir = stores.data()});
    app::write_next_root(stores.data());
    installation.take_next_root();
  }
  const std::string in_force = stores.text("SELECT value FROM meta WHERE key = 'root_token_sha256'");
  CHECK(stores.restore().json["taken_over"] == Json({{"system_token", 1}}));
  CHECK(stores.text("SELECT value FROM meta WHERE key = 'root_token_sha256'") == in_force);
}

TEST_CASE("without a living store everything starts blocked, and the report says how to lift it", "[restore]") {
  Stores stores;
  stores.run(grant);
  stores.run([](store::Tx& tx) { tx.run("UPDATE tenants SET status = 'suspended' WHERE tenant_id = 't_b'"); });
  stores.back_up(true);
  fs::remove_all(stores.data());
  const auto report = stores.restore();
  CHECK(report.json["from_living"] == false);
  CHECK(report.json["tenants_disabled"] == Json::array({"t_a", "t_b"}));
  CHECK(has_line(report, "then: nexusctl tenant enable t_a"));
  CHECK(stores.texts("SELECT tenant_id || status FROM tenants ORDER BY 1") ==
        std::vector<std::string>{"t_adisabled", "t_bdisabled", "t_systemactive"});
  CHECK(restore_details(stores, "t_a")["status_before"] == "active");
  CHECK(restore_details(stores, "t_b")["status_before"] == "suspended");
  CHECK(stores.text("SELECT value FROM meta WHERE key = 'root_token_sha256'") == "");
  stores.run([](store::Tx&) {});  // a start
  CHECK(fs::exists(stores.data() / "root.token"));
}

TEST_CASE("without a living store, as it was, nothing is blocked", "[restore]") {
  Stores stores;
  stores.back_up(true);
  fs::remove_all(stores.data());
  const auto report = stores.restore({.as_it_was = true});
  CHECK(report.json["tenants_disabled"].empty());
  CHECK(has_line(report, "nexusd token rotate-root"));
  CHECK(stores.text("SELECT count(*) FROM tenants WHERE status <> 'active'") == "0");
}

TEST_CASE("a restore is refused, and changes nothing", "[restore]") {
  Stores stores;
  stores.back_up();
  const auto before = [&] { return tree_of(stores.data()); };
  SECTION("while a daemon runs") {
    app::Installation running({.data_dir = stores.data()});
    CHECK_THROWS_AS(stores.restore(), store::DirectoryInUse);
    return;
  }
  SECTION("over another installation") {
    Stores other;
    fs::remove(stores.data() / "nexus.db");
    fs::copy_file(other.data() / "nexus.db", stores.data() / "nexus.db");
    const auto as_it_stood = before();
    CHECK(stores.refusal({.without_living = true}).find("name the right directory with --data-dir") !=
          std::string::npos);
    CHECK(before() == as_it_stood);
  }
  SECTION("over a damaged store, unless it counts as none") {
    std::string text = text_of(stores.data() / "nexus.db");
    for (std::size_t at = 4096; at < text.size(); at += 64) text[at] = 'x';
    write_text(stores.data() / "nexus.db", text);
    const auto as_it_stood = before();
    CHECK(stores.refusal().find("--without-living") != std::string::npos);
    CHECK(before() == as_it_stood);
    const auto report = stores.restore({.without_living = true});
    CHECK(report.json["tenants_disabled"] == Json::array({"t_a", "t_b"}));
    CHECK(text_of(fs::path(report.json["moved_to"].get<std::string>()) / "nexus.db") == text);
  }
  SECTION("without the keys that its records need") {
    fs::rename(stores.data() / "keys" / "checkpoint.key", stores.data() / "aside.key");
    const auto as_it_stood = before();
    const std::string refusal = stores.refusal();
    CHECK(refusal.find((stores.data() / "keys" / "checkpoint.key").string() + " is missing") != std::string::npos);
    CHECK(refusal.find("--keys") != std::string::npos);
    CHECK(before() == as_it_stood);
    write_text(stores.backup() / "given" / "checkpoint.key", text_of(stores.data() / "aside.key"));
    CHECK(stores.restore({.keys = stores.backup() / "given"}).json["keys"] == Json::array({"checkpoint.key"}));
  }
}

TEST_CASE("a signing key that was retired since comes back only as it was", "[restore]") {
  Stores stores;
  const std::string old_kid = Keyring::kids(stores.data() / "keys").front();
  stores.back_up(true);
  const std::string new_kid = Keyring::rotate(stores.data() / "keys", old_kid);
  stores.restore();
  CHECK(Keyring::kids(stores.data() / "keys") == std::vector<std::string>{new_kid});
  stores.restore({.as_it_was = true});
  CHECK(Keyring::kids(stores.data() / "keys") == std::vector<std::string>{old_kid, new_kid});
}

TEST_CASE("a store that had been restored to an older state can go to a newer one", "[restore]") {
  Stores stores;
  stores.run([](store::Tx& tx) { Stores::act(tx, "t_a", "card_create"); });
  stores.back_up();
  stores.run([](store::Tx& tx) { Stores::act(tx, "t_a", "raw_delete"); });
  stores.restore();
  const auto again = stores.restore({.plan_only = true});
  const Json lost = again.json["lost"]["chains"];
  REQUIRE(lost.size() == 3);  // the rows of the first restore, no more
  for (const auto& chain : lost) CHECK(chain["acts"] == Json({{"store_restore", 1}}));
}

}  // namespace nexus::test
