#include "daemon/domain/found_cards.hpp"

#include "store/model_rows.hpp"

namespace nexus::domain {

std::vector<FoundCard> find_cards(const store::Reader& reader, const Caller& caller, const SearchQuery& query) {
  const Realm realm = caller.realm();
  const auto hits = query.lists() ? store::newest_cards(reader, realm, query.filter, query.top_k)
                                  : store::search_cards(reader, realm, query.phrases, query.filter, query.top_k);
  std::vector<FoundCard> found;
  for (const auto& hit : hits)
    if (auto card = store::find_row<kCard>(reader, realm, hit.card_id)) found.push_back({std::move(*card), hit.score});
  return found;
}

}  // namespace nexus::domain
