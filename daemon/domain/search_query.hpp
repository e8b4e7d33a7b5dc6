// A search as clients ask for it: read, judged, and taken apart into phrases.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/model/fields.hpp"
#include "daemon/limits.hpp"
#include "store/card_search.hpp"

namespace nexus::domain {

struct SearchQuery {
  std::string text;
  std::vector<store::SearchPhrase> phrases;
  store::SearchFilter filter;
  std::size_t top_k = limits::search_top_k_default;

  /// Nothing but blanks was sent: all cards that pass the filter.
  bool lists() const;
  /// As it was asked, with its defaults.
  Json to_json() const;
};

/// Reads `query_text`, `filters` and `top_k` of an object.
SearchQuery take_search_query(model::Fields& fields);
Json search_query_schema();

/// All text is literal but for two things: "words between quotes" are found in this order, and word* finds what begins
/// so. What is written without a blank is one phrase: `tenant_id:x` means tenant, id and x in a row. A quote without
/// its other half, and signs that belong to no word, mean nothing. The same phrase twice is one.
std::vector<store::SearchPhrase> phrases_of(std::string_view text);

}  // namespace nexus::domain
