#include "daemon/domain/found_cards.hpp"

namespace nexus::domain {

std::vector<FoundCard> find_cards(const store::Reader& reader, const Caller& caller, const SearchQuery& query) {
  const std::string& tenant = caller.tenant().str();
  const std::string_view env = to_string(caller.env());
  const auto hits =
      query.lists()
          ? store::newest_cards(reader, {.tenant = tenant, .env = env}, query.filter, query.top_k)
          : store::search_cards(reader, {.tenant = tenant, .env = env}, query.phrases, query.filter, query.top_k);
  std::vector<FoundCard> found;
  for (const auto& hit : hits)
    if (auto card = store::find_card(reader, {.tenant = tenant, .env = env}, hit.card_id))
      found.push_back({std::move(*card), hit.score});
  return found;
}

}  // namespace nexus::domain
