// Paging: `?limit=` and `?cursor=`, and the answer `{"items":[…],"next_cursor":…}`. A cursor names the end of a page.
// It carries a check over its list and context, so that a foreign or damaged cursor is refused (400).
//
// A page ends at `limit` items or at 1 MiB of answer, whichever comes first, and never before its first item: every
// list fills its page through PageItems. The route table sends every list (its documentation names `limit`) to the
// executor of long reads, so that none is rendered on a thread that serves sockets.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/http/route.hpp"
#include "store/model_rows.hpp"

namespace nexus::http {

struct Page {
  int limit = static_cast<int>(limits::list_limit_default);
  std::string mark;     // where the previous page ended; "" for the start
  std::string context;  // that cursors of this list are bound to
};

/// Reads `limit` and `cursor`. `list` names the list; cursors are bound to it and to the caller's tenant and env.
Page take_page(Input& input, std::string_view list);
std::vector<QueryParameter> page_parameters();
/// Reads `since` and `until`, the bounds of a list by time; `until` must be after `since`.
store::TimeRange take_time_range(Input& input);
/// `things` as in `Only THINGS from this time on`.
std::vector<QueryParameter> time_range_parameters(std::string_view things);
/// The context that a cursor of that list is bound to.
std::string page_context(const Caller& caller, std::string_view list);

/// The mark of a list by time and id, `<micros>:<id>`, and its reading; "" is the start of the list. A cursor's check
/// is no secret: a mark of another form throws Problem(request.invalid_cursor).
std::string mark_text(Micros at, std::string_view id);
store::PageMark mark_of(std::string_view text);
/// The number in the mark of a list by number, in the same way; 0 for its start.
std::int64_t number_of_mark(std::string_view text);

std::string make_cursor(const Page& page, std::string_view mark);

/// Collects the items of one page, up to its bounds.
class PageItems {
 public:
  explicit PageItems(int limit) : limit_(static_cast<std::size_t>(limit)) {}
  /// Whether the page takes no further item, whatever its size.
  bool full() const { return items_.size() == limit_; }
  /// False when the item does not fit: the page ends before it.
  bool add(Json item);
  Json take() { return std::move(items_); }

 private:
  std::size_t limit_, bytes_ = 0;
  Json items_ = Json::array();
};

/// One page of rows that may be large: they are read at most `most` at a time, hardly more than the page takes.
/// `read`: std::vector<Row>(const std::string& mark, int count), what follows the mark; `to_json`: Json(const Row&);
/// `mark_of`: std::string(const Row&).
template <class Row, class Read, class ToJson, class MarkOf>
Json page_json_in_pieces(const Page& page, Read read, ToJson to_json, MarkOf mark_of, int most = 16) {
  const int piece = std::min(page.limit + 1, most);
  PageItems items(page.limit);
  Json next;
  std::string mark = page.mark;
  for (bool more = true; more;) {
    const std::vector<Row>& rows = read(mark, piece);
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

/// The same of `rows`, which has up to limit + 1 of them: the last one may only show that there is more.
template <class Row, class ToJson, class MarkOf>
Json page_json(const Page& page, const std::vector<Row>& rows, ToJson to_json, MarkOf mark_of) {
  const auto read = [&](const std::string&, int) -> const std::vector<Row>& { return rows; };
  return page_json_in_pieces<Row>(page, read, to_json, mark_of, page.limit + 1);
}

}  // namespace nexus::http
