// Licences and declared dangerous actions as rows. Which actions are dangerous from the start, and which licence is
// good enough for one, is daemon/gates's. All functions may throw store::Error.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Ordered: a licence of a higher level is good for a lower one.
enum class Level { low, medium, high };
std::optional<Level> parse_level(std::string_view text);
std::string_view to_string(Level level);

struct Licence {
  std::string licence_id;
  std::string subject_type;  // agent | tool | surface | app | user
  std::string subject_id;
  std::optional<std::string> scope;  // the one action it is good for; nothing or "*": all
  Level level = Level::low;
  std::optional<Micros> expires_at;
  std::optional<Micros> revoked_at;
  std::optional<std::string> revoked_by;
  std::optional<std::int64_t> revoked_seq;
  Micros created_at = 0;
  std::string created_by;
};

std::optional<Licence> find_licence(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                    std::string_view licence_id);
/// Newest first, from before `before` ("" for the start).
std::vector<Licence> list_licences(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                   std::string_view before, int limit);
/// Those of one subject that are not revoked; whether they have expired is the reader's to judge.
std::vector<Licence> list_held_licences(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                        std::string_view subject_type, std::string_view subject_id);
void insert_licence(Tx& tx, std::string_view tenant_id, std::string_view env, const Licence& licence);
/// Writes revoked_at, revoked_by and revoked_seq.
void revoke_licence(Tx& tx, std::string_view tenant_id, std::string_view env, const Licence& licence);

/// The declared level of one action; nothing where the tenant declared none.
std::optional<Level> find_declared_level(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                         std::string_view action);
std::map<std::string, Level> list_declared_levels(const Reader& reader, std::string_view tenant_id,
                                                  std::string_view env);
void put_declared_level(Tx& tx, std::string_view tenant_id, std::string_view env, std::string_view action, Level level,
                        Micros at, std::string_view by);

}  // namespace nexus::store
