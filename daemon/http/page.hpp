// Paging: `?limit=` and `?cursor=`, and the answer `{"items":[…],"next_cursor":…}`. A cursor names where a page ended;
// it carries a check over the list and context it was made for, so that a foreign or damaged one is refused (400).
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

struct Page {
  int limit = static_cast<int>(limits::list_limit_default);
  std::string mark;     // where the page before ended; "" for the start
  std::string context;  // what cursors of this list are bound to
};

/// Reads `limit` and `cursor`. `list` names the list; it is bound together with the caller's tenant and env.
Page take_page(Input& input, std::string_view list);
std::vector<QueryParameter> page_parameters();
/// What a cursor of that list is bound to.
std::string page_context(const Caller& caller, std::string_view list);

/// The items of one page: `rows` has up to limit + 1 of them, the last of which only tells that there is more.
template <class Row>
Json page_json(const Page& page, std::vector<Row> rows, Json (*to_json)(const Row&), std::string (*mark)(const Row&));

std::string make_cursor(const Page& page, std::string_view mark);

template <class Row>
Json page_json(const Page& page, std::vector<Row> rows, Json (*to_json)(const Row&), std::string (*mark)(const Row&)) {
  Json next;
  if (rows.size() > static_cast<std::size_t>(page.limit)) {
    rows.resize(static_cast<std::size_t>(page.limit));
    next = make_cursor(page, mark(rows.back()));
  }
  Json items = Json::array();
  for (const auto& row : rows) items.push_back(to_json(row));
  return {{"items", std::move(items)}, {"next_cursor", std::move(next)}};
}

}  // namespace nexus::http
