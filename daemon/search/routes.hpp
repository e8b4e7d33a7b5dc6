// POST /nexus/search, and the search itself for whoever else needs its hits.
#pragma once
#include <vector>

#include "daemon/domain/search_query.hpp"
#include "daemon/http/route.hpp"
#include "store/cards.hpp"

namespace nexus::search {

struct FoundCard {
  store::Card card;
  double score = 0;  // 0 where nothing was searched for
};

/// What the caller's tenant and env holds for this query, best first.
std::vector<FoundCard> find_cards(const store::Reader& reader, const Caller& caller, const domain::SearchQuery& query);

void add_search_routes(http::RouteTable& routes);

}  // namespace nexus::search
