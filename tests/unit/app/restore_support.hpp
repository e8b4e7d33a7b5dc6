// A store and its backup for the tests of a restore: both are made in this process, without a daemon.
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "daemon/app/installation.hpp"
#include "daemon/app/keys.hpp"
#include "daemon/app/restore.hpp"
#include "daemon/audit/chain.hpp"
#include "store/identity.hpp"
#include "tests/catch.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::test {

namespace fs = std::filesystem;

inline constexpr Micros kMadeAt = 1'700'000'000'000'000;

inline std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline void write_text(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

/// Each file below, with its content.
inline std::map<std::string, std::string> tree_of(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& each : fs::recursive_directory_iterator(directory))
    if (each.is_regular_file()) files[fs::relative(each.path(), directory).string()] = text_of(each.path());
  return files;
}

/// A data directory, and the copies of it that stand for backups.
class Stores {
 public:
  Stores() {
    run([](store::Tx& tx) {
      for (const char* tenant : {"t_a", "t_b"}) {
        tx.run("INSERT INTO tenants VALUES (?1, ?1, 'active', 1, 'system')", tenant);
        audit::append(tx, store::find_meta(tx, app::kInstance).value(),
                      audit::own_act({.tenant = tenant, .env = "prod"}, "tenant_create", "tenant", tenant), 1);
      }
      for (const char* user : {"u_1", "u_2", "u_3"})
        tx.run("INSERT INTO users VALUES (?1, NULL, NULL, 1, 'system')", user);
      for (const char* tenant : {"t_a", "t_b"}) put_member(tx, tenant, "u_1", "owner");
    });
    app::Installation installation({.data_dir = data()});
    app::checkpoint_key(installation, app::key_place(config(), data(), installation.instance_id()));
    Keyring::rotate(data() / "keys", std::nullopt);
  }

  fs::path data() const { return directory_.path() / "data"; }
  Config config() const {
    Config config;
    config.data_dir = data();
    return config;
  }
  /// Runs a unit in the store, as a daemon that starts and stops.
  void run(const std::function<void(store::Tx&)>& unit) const {
    app::Installation installation({.data_dir = data()});
    installation.database().writer().apply(unit);
  }
  static void put_member(store::Tx& tx, const char* tenant, const char* user, const char* role) {
    identity::Member member;
    member.tenant_id = tenant;
    member.user_id = user;
    member.role = role;
    store::put_member(tx, member);
  }
  static void act(store::Tx& tx, const char* tenant, const char* action) {
    audit::append(tx, store::find_meta(tx, app::kInstance).value(),
                  audit::own_act({.tenant = tenant, .env = "prod"}, action, "thing", "x"), 2);
  }
  /// Calls `read` with what the query finds, as the store stands.
  std::vector<std::string> texts(const std::string& sql) const {
    const store::NoTrace trace(data() / "nexus.db");
    store::Connection connection({.path = data() / "nexus.db", .read_only = true});
    std::vector<std::string> found;
    store::Query q = store::Reader(connection).query(sql);
    while (q.next()) found.push_back(q.text(0));
    return found;
  }
  std::string text(const std::string& sql) const {
    const auto found = texts(sql);
    return found.empty() ? "" : found.front();
  }

  /// Copies what a backup holds: the database and the objects, and the keys on demand.
  void back_up(bool with_keys = false) {
    fs::create_directories(backup());
    fs::copy_file(data() / "nexus.db", backup() / "nexus.db");
    if (fs::exists(data() / "blobs")) fs::copy(data() / "blobs", backup() / "blobs", fs::copy_options::recursive);
    if (with_keys) fs::copy(data() / "keys", backup() / "keys");
    manifest_.backup_id = "01a22820-17d9-7000-8000-000000000001";
    manifest_.made_at = kMadeAt;
    manifest_.instance_id = text("SELECT value FROM meta WHERE key = 'instance_id'");
  }
  fs::path backup() const { return directory_.path() / "backup"; }
  const backup::Manifest& manifest() const { return manifest_; }
  void unpack(const app::RestoreSite& site) const {
    fs::copy(backup(), site.unpacked(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  app::RestoreReport restore(const app::RestoreOptions& options = {}) const {
    app::RestoreSite site(data());
    unpack(site);
    return app::restore(site, config(), manifest_, options);
  }
  /// The one line with which a restore is refused.
  std::string refusal(const app::RestoreOptions& options = {}) const {
    try {
      restore(options);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  }

 private:
  TemporaryDirectory directory_;
  backup::Manifest manifest_;
};

inline bool has_line(const app::RestoreReport& report, const std::string& part) {
  return std::ranges::any_of(report.lines, [&](const auto& line) { return line.find(part) != std::string::npos; });
}

}  // namespace nexus::test
