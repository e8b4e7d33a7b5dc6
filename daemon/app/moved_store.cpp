#include "daemon/app/moved_store.hpp"

#include "daemon/config/resolve.hpp"
#include "store/identity.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

std::optional<std::string> look_for_meta(const StorePlace& place, std::string_view key) {
  std::optional<std::string> found;
  if (place.is_file() && !std::filesystem::exists(place.file)) return found;
  std::optional<store::DataDirectory> directory;
  if (place.is_file()) directory.emplace(place.file.parent_path(), store::MissingParts::stay);
  look_at_store(place, [&](const store::Reader& reader) { found = store::find_meta(reader, key); });
  return found;
}

void require_not_moved(const store::Reader& reader, const StorePlace& place) {
  const auto moved_to = store::find_meta(reader, kMovedTo);
  if (!moved_to) return;
  const std::string here = place.is_file() ? place.file.parent_path().string() : place.text();
  throw ConfigError(place.is_file() ? "data-dir" : "database", "configuration",
                    "is " + here + ", whose store was moved to " + *moved_to,
                    std::string("name that one with ") + (place.is_file() ? "--database" : "--data-dir") +
                        "; nexusd migrate --from --to moves it back");
}

void require_not_moved(const StorePlace& place) {
  look_at_store(place, [&](const store::Reader& reader) { require_not_moved(reader, place); });
}

}  // namespace nexus::app
