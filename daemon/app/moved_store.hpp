// A store that was moved (move.hpp): what its table `meta` says of that, and who refuses it. Whoever went on with it
// would make a second history of one installation.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/app/open_store.hpp"

namespace nexus::app {

/// Where the store is now, for people. In the store that was left.
inline constexpr std::string_view kMovedTo = "moved_to";
/// The id of the move that was begun last, in both stores. A start removes it, so two stores that have the same one
/// were not used since.
inline constexpr std::string_view kMove = "move";

/// Throws ConfigError, with where the store is now and how it comes back, if it was moved. Of a file, the caller holds
/// the directory's lock.
void require_not_moved(const StorePlace& place);
void require_not_moved(const store::Reader& reader, const StorePlace& place);

/// What `meta` of the store says; nothing where there is no store. Of a file, takes the directory's lock for the moment
/// (DirectoryInUse).
std::optional<std::string> look_for_meta(const StorePlace& place, std::string_view key);

}  // namespace nexus::app
