// The search, for the search route and for packs that keep its results.
#pragma once
#include <vector>

#include "daemon/domain/card.hpp"
#include "daemon/domain/search_query.hpp"
#include "daemon/guard/caller.hpp"

namespace nexus::domain {

struct FoundCard {
  Card card;
  double score = 0;  // 0 without search words
};

/// The cards of the caller's tenant and env that match the query, best first.
std::vector<FoundCard> find_cards(const store::Reader& reader, const Caller& caller, const SearchQuery& query);

}  // namespace nexus::domain
