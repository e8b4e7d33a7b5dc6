// The licences that somebody holds, and declared dangerous actions as rows; all else of a licence is derived
// (store/model_rows.hpp).
// Which actions are dangerous from the start, and which licence is good enough for one, is daemon/gates's. All
// functions may throw store::Error.
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

/// Those of kLevels: a licence of a higher level is good for a lower one.
enum class Level { low, medium, high };
std::optional<Level> parse_level(std::string_view text);
/// A level that no version of ours wrote opens nothing.
inline Level level_of(const firearms::Licence& licence) { return parse_level(licence.level).value_or(Level::low); }
std::string_view to_string(Level level);

using firearms::Licence;

/// Those of one subject that are not revoked; whether they have expired is the reader's to judge.
std::vector<Licence> list_held_licences(const Reader& reader, Realm realm, std::string_view subject_type,
                                        std::string_view subject_id);

/// The declared level of one action; nothing where the tenant declared none.
std::optional<Level> find_declared_level(const Reader& reader, Realm realm, std::string_view action);
std::map<std::string, Level> list_declared_levels(const Reader& reader, Realm realm);
void put_declared_level(Tx& tx, Realm realm, std::string_view action, Level level, Micros at, std::string_view by);

}  // namespace nexus::store
