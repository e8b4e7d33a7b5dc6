#include "daemon/app/living_store.hpp"

#include <stdexcept>

#include "daemon/app/installation.hpp"
#include "daemon/app/moved_store.hpp"
#include "store/identity.hpp"
#include "store/rows.hpp"
#include "store/sqlite/migrations.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

/// Opens it and reads every page, without which a damaged one would be met too late.
std::unique_ptr<LivingStore> open_sound(const fs::path& database) {
  auto living = std::make_unique<LivingStore>(database);
  store::Connection checked({.path = database, .read_only = true});
  store::require_known_schema(checked, store::embedded_migrations());
  if (const std::string damage = store::find_damage(checked, false); !damage.empty())
    throw std::runtime_error(database.string() + " is damaged (" + damage + ")");
  return living;
}

}  // namespace

LivingStore::LivingStore(const fs::path& database)
    : trace_(database), connection_({.path = database, .read_only = true}), reader_(connection_) {}

bool LivingStore::lost_its_log() const { return is_left_in_use(reader_) && !trace_.had_log(); }

std::unique_ptr<LivingStore> LivingStore::open(const fs::path& data_dir, const std::string& instance_id,
                                               bool may_be_unreadable) {
  const fs::path database = data_dir / "nexus.db";
  if (!fs::exists(database)) return nullptr;
  std::unique_ptr<LivingStore> living;
  try {
    living = open_sound(database);
  } catch (const std::exception& error) {
    if (may_be_unreadable) return nullptr;
    throw std::runtime_error(std::string("the living store cannot be read, so nothing that was revoked there can be "
                                         "taken over: ") +
                             error.what() +
                             "; with --without-living the restored store starts with every tenant disabled");
  }
  const store::Reader& reader = living->reader();
  const auto instance = store::has_meta(reader) ? store::find_meta(reader, kInstance) : std::nullopt;
  if (!instance) return nullptr;
  if (*instance != instance_id)
    throw std::runtime_error("the backup is of installation " + instance_id + ", and " + data_dir.string() + " holds " +
                             *instance + ": name the right directory with --data-dir, or an empty one");
  if (const auto moved_to = store::find_meta(reader, kMovedTo); moved_to && !may_be_unreadable)
    throw std::runtime_error("the living store was moved to " + *moved_to +
                             ", and what was revoked there cannot be taken over: restore into another directory");
  const std::int64_t newest = static_cast<std::int64_t>(store::embedded_migrations().size());
  if (store::integer_of(reader.query("PRAGMA user_version")) == newest) return living;
  if (may_be_unreadable) return nullptr;
  throw std::runtime_error(
      "the living store has an older schema, so that it cannot be compared: run nexusd migrate first, or let it count "
      "as "
      "none by --without-living");
}

}  // namespace nexus::app
