#include "daemon/atoms/atom_page.hpp"

#include <charconv>

namespace nexus::atoms {

std::string atoms_list(std::string_view raw_asset_id) { return "atoms\n" + std::string(raw_asset_id); }

std::string AtomMark::text() const { return set_id + (of_one_set ? "=" : ":") + std::to_string(ordinal); }

AtomMark AtomMark::parse(std::string_view text) {
  AtomMark mark;
  const std::size_t end = text.find_first_of(":=");
  if (end == std::string_view::npos) return mark;
  mark.set_id = text.substr(0, end);
  mark.of_one_set = text[end] == '=';
  std::from_chars(text.data() + end + 1, text.data() + text.size(), mark.ordinal);
  return mark;
}

std::vector<domain::AtomOfSet> page_of_atoms(const store::Reader& reader, const store::RawAsset& asset,
                                             const std::optional<std::string>& op_type, const AtomMark& from,
                                             int limit) {
  constexpr int sets_at_once = 32;
  std::vector<domain::AtomOfSet> out;
  std::string first = from.set_id, last;
  while (true) {
    const auto sets = store::list_atom_sets(reader, asset.realm(), asset.asset_id, op_type, first, sets_at_once);
    for (const auto& set : sets) {
      if (set.set_id == last) continue;
      if (from.of_one_set && set.set_id != from.set_id) return out;
      const std::int64_t after = set.set_id == from.set_id ? from.ordinal : -1;
      for (auto& atom : store::list_atoms(reader, set, after, limit - static_cast<int>(out.size())))
        out.push_back({set, std::move(atom)});
      if (out.size() == static_cast<std::size_t>(limit)) return out;
    }
    if (sets.size() < sets_at_once) return out;
    first = last = sets.back().set_id;
  }
}

}  // namespace nexus::atoms
