// A client's search: read, judged, split into phrases, and run, for the search route and for packs that keep its
// results.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/domain/card.hpp"
#include "daemon/guard/caller.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/fields.hpp"
#include "store/card_search.hpp"

namespace nexus::domain {

struct SearchQuery {
  std::string text;
  std::vector<store::SearchPhrase> phrases;
  store::SearchFilter filter;
  std::size_t top_k = limits::search_top_k_default;

  /// Whether only blanks were sent: the search then lists all cards that pass the filter.
  bool lists() const;
  /// The query as sent, with its defaults.
  Json to_json() const;
};

/// Reads `query_text`, `filters` and `top_k` of an object.
SearchQuery take_search_query(model::Fields& fields);
Json search_query_schema();

/// All text is literal, with two exceptions: "words between quotes" must occur in this order, and word* finds words
/// with this prefix. Words that no blank separates are one phrase: `tenant_id:x` means tenant, id and x in a row. An
/// unmatched quote, and signs that belong to no word, are ignored. A repeated phrase counts once. A phrase that ends in
/// Hangul is a prefix, unless it is quoted.
std::vector<store::SearchPhrase> phrases_of(std::string_view text);

struct FoundCard {
  Card card;
  double score = 0;  // 0 without search words
};

/// The cards of the caller's tenant and env that match the query, best first.
std::vector<FoundCard> find_cards(const store::Reader& reader, const Caller& caller, const SearchQuery& query);

}  // namespace nexus::domain
