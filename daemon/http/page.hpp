// Paging: `?limit=` and `?cursor=`, and the answer `{"items":[…],"next_cursor":…}`. A cursor names where a page ended;
// it carries a check over the list and context it was made for, so that a foreign or damaged one is refused (400).
//
// A page ends at `limit` items or at 1 MiB of answer, whichever comes first, and never before its first item: every
// list fills its page through PageItems. What is a list (its documentation names `limit`) the route table sends to the
// executor of long reads, so that none is rendered on a thread that serves sockets.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/http/route.hpp"
#include "store/page_mark.hpp"

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

/// Where a list by time and id stands: `<micros>:<id>`, and back. A text that is none gives the start of the list.
std::string mark_text(Micros at, std::string_view id);
store::PageMark mark_of(std::string_view text);
/// Where a list by number stands; 0 for its start.
std::int64_t number_of_mark(std::string_view text);

std::string make_cursor(const Page& page, std::string_view mark);

/// The items of one page as they are added, up to its bounds.
class PageItems {
 public:
  explicit PageItems(int limit) : limit_(static_cast<std::size_t>(limit)) {}
  /// No further item is in the page, whatever its size.
  bool full() const { return items_.size() == limit_; }
  /// False when the item is not in the page, which ends before it.
  bool add(Json item);
  Json take() { return std::move(items_); }

 private:
  std::size_t limit_, bytes_ = 0;
  Json items_ = Json::array();
};

/// One page of `rows`, which has up to limit + 1 of them: the last one may only tell that there is more.
/// `to_json`: Json(const Row&); `mark_of`: std::string(const Row&).
template <class Row, class ToJson, class MarkOf>
Json page_json(const Page& page, const std::vector<Row>& rows, ToJson to_json, MarkOf mark_of) {
  PageItems items(page.limit);
  Json next;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!items.full() && items.add(to_json(rows[i]))) continue;
    next = make_cursor(page, mark_of(rows[i - 1]));
    break;
  }
  return {{"items", items.take()}, {"next_cursor", std::move(next)}};
}

/// The same for rows that may be large: they are read a few at a time, hardly more than the page takes.
/// `read`: std::vector<Row>(const std::string& mark, int count), what follows the mark.
template <class Row, class Read, class ToJson, class MarkOf>
Json page_json_in_pieces(const Page& page, Read read, ToJson to_json, MarkOf mark_of) {
  constexpr int most = 16;
  const int piece = std::min(page.limit + 1, most);
  PageItems items(page.limit);
  Json next;
  std::string mark = page.mark;
  for (bool more = true; more;) {
    const std::vector<Row> rows = read(mark, piece);
    more = rows.size() == static_cast<std::size_t>(piece);
    for (const Row& row : rows) {
      if (items.full() || !items.add(to_json(row))) {
        next = make_cursor(page, mark);
        more = false;
        break;
      }
      mark = mark_of(row);
    }
  }
  return {{"items", items.take()}, {"next_cursor", std::move(next)}};
}

}  // namespace nexus::http
