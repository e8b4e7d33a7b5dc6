#include "daemon/app/installation.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include "daemon/app/copy_before.hpp"
#include "daemon/app/moved_store.hpp"
#include "daemon/app/swap.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/base/words.hpp"
#include "daemon/config/resolve.hpp"
#include "daemon/limits.hpp"
#include "daemon/log.hpp"
#include "store/folded_texts.hpp"
#include "store/identity.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDevelopment = "development";
constexpr std::string_view kClearedSwitches = "kill_switches_cleared";
constexpr std::chrono::seconds kStartPatience{30};  // with a server that lets nobody in
constexpr std::size_t kTokenBytesMin = 47, kTokenBytesMax = 256;

fs::path next_root_of(const fs::path& data_dir) { return data_dir / "root.token.next"; }

[[noreturn]] void refuse_directory(const std::string& problem, const std::string& remedy) {
  throw ConfigError("data-dir", "configuration", problem, remedy);
}

[[noreturn]] void refuse_store(const StorePlace& place, const std::string& problem, const std::string& remedy) {
  const std::string name = place.is_file() ? place.file.parent_path().string() : place.text();
  throw ConfigError(place.is_file() ? "data-dir" : "database", "configuration", "is " + name + ", " + problem, remedy);
}

/// Whether --dev made the store. Before the mark existed, --dev made t_dev with t_system, within the same start.
bool is_made_for_development(const store::Reader& reader) {
  if (store::find_meta(reader, kDevelopment)) return true;
  const auto system = store::find_row<identity::kTenant>(reader, TenantId::system().str());
  const auto dev = store::find_row<identity::kTenant>(reader, "t_dev");
  return system && dev && dev->created_at - system->created_at < 60 * kSecond;
}

/// Looks without writing, under the lock: a production store must not even be migrated by mistake.
void require_development(const StorePlace& place) {
  look_at_store(place, [&](const store::Reader& reader) {
    if (store::find_meta(reader, kInstance) && !is_made_for_development(reader))
      refuse_store(place, "which --dev did not make: it would put t_dev and u_dev there",
                   place.is_file() ? "leave out --dev, or choose another --data-dir"
                                   : "leave out --dev, or name another --database");
  });
}

/// A new installation on a server begins only where it is meant to.
void require_meant(const InstallationOptions& options) {
  const StorePlace place = options.place();
  bool is_made = false;
  look_at_store(place, [&](const store::Reader& reader) {
    require_not_moved(reader, place);
    is_made = store::find_meta(reader, kInstance).has_value();
  });
  if (is_made) return;
  if (!options.may_found) refuse_store(place, "where no installation is", "name the one you mean with --database");
  if (fs::exists(place.file))
    refuse_store(place, "which is empty, and " + place.file.string() + " is the store of another installation",
                 "choose another --data-dir, or leave out --database");
}

/// For the opening of a store. From here on it is used.
void begin_use(store::Tx& tx) {
  store::drop_meta(tx, kMove);
  if (store::fold_again_unless(tx, words_version()))
    log::info("texts are folded by new rules for search: until all are, a search may miss some of them",
              {{"rules", words_version()}});
}

store::WriterLimits writer_limits() {
  store::WriterLimits wanted;
  wanted.queue_units = limits::write_queue_units_max;
  wanted.queue_units_tenant = limits::write_queue_units_per_tenant_max;
  wanted.queue_bytes = limits::write_queue_bytes_max;
  wanted.queue_bytes_tenant = limits::write_queue_bytes_per_tenant_max;
#ifdef __SANITIZE_ADDRESS__
  wanted.rerun_one_of = 4;  // under test: a unit may run twice, on a store that asks for it
#endif
  return wanted;
}

void tell_mended(store::IndexMend mend) {
  if (mend == store::IndexMend::shed)
    log::info("the index of cards had grown worn and was mended; nothing is lost", {});
  if (mend == store::IndexMend::rebuilt) log::warn("the index of cards was damaged and was built anew", {});
}

/// A restore that a crash cut is completed by whoever takes the lock next.
void complete_cut_restore(const fs::path& data_dir) {
  const fs::path replaced = complete_swap(data_dir);
  if (!replaced.empty()) log::warn("a restore had been cut and is complete now", {{"before", replaced.string()}});
}

void copy_before(const fs::path& data_dir) {
  const fs::path copy = copy_before_migration(data_dir, fs::space(data_dir).available);
  if (!copy.empty())
    log::info("the database was copied, because this version rewrites rows of it", {{"file", copy.string()}});
}

/// Daemons that start at once may be more than the server has places for, and a server that starts lets nobody in.
/// Whoever is refused so gives back all connections, and tries again after a time of its own.
template <class Act>
auto patiently(const Act& act) {
  std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<int> pause_ms(300, 1200);
  for (const auto until = std::chrono::steady_clock::now() + kStartPatience;;) {
    try {
      return act();
    } catch (const store::ServerNotYet& not_yet) {
      if (std::chrono::steady_clock::now() > until) throw;
      log::warn("the database's server lets nobody in now: trying again", {{"cause", not_yet.what()}});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms(random)));
  }
}

/// Judges the options before anything is made.
const fs::path& judged(const InstallationOptions& options) {
  if (!options.may_found) require_installation(options.place());
  return options.data_dir;
}

}  // namespace

std::string new_epoch() { return hex(random_bytes(4)); }

InstallationOptions InstallationOptions::of(const Config& config) {
  return {.data_dir = config.data_dir,
          .copies = !config.no_copy,
          .database = config.database,
          .database_password_file = config.database_password_file,
          .require_sync = config.require_sync};
}

void require_installation(const StorePlace& place) {
  const fs::path data_dir = place.file.parent_path();
  const bool is_there =
      place.is_file() ? fs::exists(place.file) || is_swap_cut(data_dir) : fs::exists(data_dir / "keys");
  if (!is_there)
    refuse_directory("is " + data_dir.string() + ", where no installation is",
                     fs::exists(data_dir / "keys") ? "name its database with --database, or another --data-dir"
                                                   : "name the one you mean with --data-dir");
}

bool is_left_in_use(const store::Reader& reader) {
  const auto mark = store::find_meta(reader, kInUse);
  return mark && !mark->empty();
}

Installation::Installation(InstallationOptions options)
    : had_log_before_(fs::exists(options.data_dir / "nexus.db-wal")),
      directory_(judged(options)),
      store_(open(options)),
      use_(store_) {
  if (file() != nullptr) directory_.remember_database();
  const auto instance = store::find_meta(database().read().reader(), kInstance);
  if (!instance)
    found(options.development);
  else
    instance_id_ = *instance;
  const auto root = store::find_meta(database().read().reader(), kRoot);
  if (root)
    root_token_sha256_ = *root;
  else
    write_next_root(directory_.path());
  take_root(!root);
  if (fs::exists(directory_.root_token()) &&
      sha256_hex(trim_ascii(read_file(directory_.root_token(), 256))) != root_token_sha256_)
    log::warn("root.token here is not the system token in force: copy that of the daemon where it was changed",
              {{"file", directory_.root_token().string()}});
  tell_cleared_switches();
}

/// A migration cleared the documents of t_system, since they apply to every tenant now. The audit rows of that need the
/// chain's hashes, so the first start after the migration writes them here, once.
void Installation::tell_cleared_switches() {
  const auto cleared = store::find_meta(database().read().reader(), kClearedSwitches);
  if (!cleared) return;
  const Json documents = parse_own_json(*cleared);
  database().writer().apply([&](store::Tx& tx) {
    for (const auto& [env, held] : documents.items()) {
      audit::Act act =
          audit::own_act({.tenant = TenantId::system().str(), .env = env}, "kill_switch_update", "kill_switches", "");
      act.surface = "control";
      act.subject_id = std::nullopt;
      act.details["cleared"] = held;
      act.details["why"] =
          "the switches of t_system hold for every tenant from now on: what they held before is cleared";
      audit::append(tx, instance_id_, act, now_micros());
    }
    store::drop_meta(tx, kClearedSwitches);
  });
  log::warn("kill switches of t_system were cleared: they hold for every tenant from now on",
            {{"cleared", to_text(documents)}});
}

OpenStore Installation::open(InstallationOptions& options) {
  const StorePlace place = options.place();
  if (place.is_file()) return open_own_file(options);
  return patiently([&] {
    if (options.development) require_development(place);
    require_meant(options);
    const auto begin = [&place](store::Tx& tx) {
      require_not_moved(tx, place);  // again: a move may have ended while this waited for it
      begin_use(tx);
    };
    return open_server_store(place, {.use = options.use, .require_sync = options.require_sync}, begin, writer_limits());
  });
}

OpenStore Installation::open_own_file(InstallationOptions& options) {
  complete_cut_restore(directory_.path());
  require_not_moved(options.place());
  if (options.development) require_development(options.place());
  if (options.copies) copy_before(directory_.path());
  store::DatabaseOptions wanted;
  wanted.path = directory_.database();
  wanted.on_fatal = std::move(options.on_fatal);
  wanted.writer = writer_limits();
  wanted.on_open = [this](store::Tx& tx) {
    const bool was_in_use = is_left_in_use(tx);
    lost_its_log_ = was_in_use && !had_log_before_;
    recovered_ = was_in_use && had_log_before_;
    if (!was_in_use) store::put_meta(tx, kInUse, "1");
    begin_use(tx);
  };
  OpenStore opened = open_file_store(std::move(wanted));
  tell_mended(opened.file->mended());
  return opened;
}

/// Another daemon may have been first, on a database that they share.
void Installation::found(bool development) {
  database().writer().apply([&](store::Tx& tx) {
    const Micros now = now_micros();
    const auto theirs = store::find_meta(tx, kInstance);
    instance_id_ = theirs.value_or(uuid_v7());
    if (theirs) return;
    store::put_meta(tx, kInstance, instance_id_);
    store::put_meta(tx, kEpoch, new_epoch());
    if (development) store::put_meta(tx, kDevelopment, "1");
    const std::string& system = TenantId::system().str();
    store::insert_row<identity::kTenant>(tx, {system, "Nexus itself", "active", now, "system"});
    audit::append(tx, instance_id_,
                  audit::own_act({.tenant = system, .env = "prod"}, "tenant_create", "tenant", system), now);
  });
}

void write_next_root(const fs::path& data_dir) {
  replace_file(next_root_of(data_dir), "nxr_" + base64url(random_bytes(32)) + "\n");
}

void Installation::tell_keys(const Keyring& keys, bool starts) {
  if (store_.beat() == nullptr) return;
  const std::vector<std::string> names = keys.names();
  std::vector<store::Daemon> others;
  try {
    others = store_.beat()->tell_keys(names);
  } catch (const store::Error&) {
    if (starts) throw;
    return;  // the next beat tells them
  }
  std::erase_if(others, [&](const auto& daemon) { return daemon.daemon_id == store_.beat()->daemon_id(); });
  const std::string theirs = store::agreed_key(others);
  if (theirs.empty() || std::ranges::count(names, theirs) > 0) return;
  const std::string file = (directory_.keys() / ("jwt-" + theirs.substr(0, theirs.find(' ')) + ".key")).string();
  const std::string line =
      file + " is missing or another one, and the other daemons of this database sign tokens by it";
  if (starts) throw std::runtime_error(line + ": give all daemons the same keys/");
  log::warn("tokens of other daemons are refused here: give all daemons the same keys/", {{"cause", line}});
}

/// The file gets its final name last: a digest whose token nobody has would lock the operator out.
bool Installation::take_root(bool as_first) {
  const fs::path next = next_root_of(directory_.path());
  if (!fs::exists(next)) return false;
  const std::string token(trim_ascii(read_file(next, kTokenBytesMax)));
  if (!token.starts_with("nxr_") || token.size() < kTokenBytesMin)
    throw std::runtime_error(next.string() + " holds no system token: run nexusd token rotate-root again");
  const std::string digest = sha256_hex(token);
  std::string in_force;
  database().writer().apply([&](store::Tx& tx) {
    const auto known = store::find_meta(tx, kRoot);
    in_force = as_first ? known.value_or(digest) : digest;
    if (known == in_force) return;
    store::put_meta(tx, kRoot, digest);
    audit::append(tx, instance_id_,
                  audit::own_act({.tenant = TenantId::system().str(), .env = "prod"}, "token_create", "token", "root"),
                  now_micros());
  });
  if (in_force == digest)
    fs::rename(next, directory_.root_token());
  else
    fs::remove(next);
  sync_directory(directory_.path());
  root_token_sha256_ = in_force;
  return true;
}

void Installation::Use::end() {
  store::Writer& writer = opened_.database->writer();
  if (opened_.file != nullptr) writer.run([](store::Tx& tx) { store::put_meta(tx, kInUse, ""); });
  writer.stop();
  if (opened_.beat() != nullptr) opened_.beat()->stop();
}

}  // namespace nexus::app
