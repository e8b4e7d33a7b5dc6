// The licences that a subject holds, and declared dangerous actions, as rows. All other statements on licences are
// derived (store/model_rows.hpp). daemon/gates decides which actions are dangerous by default, and which licence
// suffices for one. All functions may throw store::Error.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "daemon/firearms/licence.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// The levels of kLevels. A licence of a higher level suffices for a lower one.
enum class Level { low, medium, high };
std::optional<Level> parse_level(std::string_view text);
/// An unknown level counts as low.
inline Level level_of(const firearms::Licence& licence) { return parse_level(licence.level).value_or(Level::low); }
std::string_view to_string(Level level);

using firearms::Licence;

/// The licences of one subject that are not revoked. The caller checks their expiry.
std::vector<Licence> list_held_licences(const Reader& reader, Realm realm, std::string_view subject_type,
                                        std::string_view subject_id);

/// The declared level of one action; nothing if the tenant declared none.
std::optional<Level> find_declared_level(const Reader& reader, Realm realm, std::string_view action);
std::map<std::string, Level> list_declared_levels(const Reader& reader, Realm realm);
void put_declared_level(Tx& tx, Realm realm, std::string_view action, Level level, Micros at, std::string_view by);

}  // namespace nexus::store
