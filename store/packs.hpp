// Influence packs as rows: a query and what it found, kept as it was found.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct InfluencePack {
  std::string tenant_id;
  std::string env;
  std::string pack_id;
  std::string query;      // JSON
  std::string card_refs;  // JSON array
  std::int64_t result_count = 0;
  Micros created_at = 0;
  std::string created_by;
};

std::optional<InfluencePack> find_pack(const Reader& reader, std::string_view tenant_id, std::string_view env,
                                       std::string_view pack_id);
void insert_pack(Tx& tx, const InfluencePack& pack);

}  // namespace nexus::store
