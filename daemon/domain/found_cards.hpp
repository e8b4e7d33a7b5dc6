// The search itself, for the search route and for the packs that keep what one found.
#pragma once
#include <vector>

#include "daemon/domain/card.hpp"
#include "daemon/domain/search_query.hpp"
#include "daemon/guard/caller.hpp"

namespace nexus::domain {

struct FoundCard {
  Card card;
  double score = 0;  // 0 where nothing was searched for
};

/// What the caller's tenant and env holds for this query, best first.
std::vector<FoundCard> find_cards(const store::Reader& reader, const Caller& caller, const SearchQuery& query);

}  // namespace nexus::domain
