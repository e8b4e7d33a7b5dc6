// Pages of an asset's atoms: oldest set first, each set in its order.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "store/atoms.hpp"
#include "store/raw_assets.hpp"

namespace nexus::atoms {

/// The list that a cursor of an asset's atoms is bound to.
std::string atoms_list(std::string_view raw_asset_id);

/// Where a page ended. A mark from the answer to the making of a set goes on in that set alone.
struct AtomMark {
  std::string set_id;  // "" for the start
  std::int64_t ordinal = -1;
  bool of_one_set = false;

  std::string text() const;
  static AtomMark parse(std::string_view text);
};

std::vector<domain::AtomOfSet> page_of_atoms(const store::Reader& reader, const store::RawAsset& asset,
                                             const std::optional<std::string>& op_type, const AtomMark& from,
                                             int limit);

}  // namespace nexus::atoms
