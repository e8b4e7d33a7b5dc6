// What the routes of declared resources share: reads of their rows, and all that is derived of their tables.
#pragma once
#include "daemon/base/uuid.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "store/model_rows.hpp"

namespace nexus::http {

/// A page of the rows that `rows` finds. `rows`: std::vector<Row>(const Reader&, Realm, std::string_view mark, int
/// limit); `to_json`: Json(const Row&), or Json(const Reader&, const Caller&, const Row&). The mark is the row's id.
/// Cursors are bound to the name `list` (page.hpp). It never changes, so that a cursor outlives an upgrade.
template <const auto& kTable, class Rows, class ToJson, class Mark = decltype(&store::id_of<kTable>)>
ReadHandler page_of(std::string list, Rows rows, ToJson to_json, Mark mark_of_row = store::id_of<kTable>) {
  using Row = store::RowOf<kTable>;
  return reads([list = std::move(list)](Input& input) { return take_page(input, list); },
               [=](const store::Reader& reader, const Caller& caller, const Page& page) -> Reply {
                 const auto shown = [&](const Row& row) {
                   if constexpr (std::invocable<ToJson, const Row&>)
                     return to_json(row);
                   else
                     return to_json(reader, caller, row);
                 };
                 return {.json = page_json<Row>(page, rows(reader, caller.realm(), page.mark, page.limit + 1), shown,
                                                mark_of_row)};
               });
}

/// A row as answers show it.
template <const auto& kTable>
Json row_json(const store::RowOf<kTable>& row) {
  return model::json_of(kTable, row);
}

/// A parser that reads a new row from the body.
template <const auto& kTable>
store::RowOf<kTable> sent(Input& input) {
  return model::take_new(kTable, input.body).value;
}

/// The rows of the caller's tenant and env, newest first.
template <const auto& kTable, class ToJson = decltype(&row_json<kTable>)>
ReadHandler newest(std::string list, ToJson to_json = row_json<kTable>) {
  return page_of<kTable>(std::move(list), store::list_newest<kTable>, to_json);
}
/// The same in the order of the key's last column.
template <const auto& kTable, class ToJson = decltype(&row_json<kTable>)>
ReadHandler by_key(std::string list, ToJson to_json = row_json<kTable>) {
  return page_of<kTable>(std::move(list), store::list_by_key<kTable>, to_json);
}

/// Newest first, for rows whose `seq` keeps the order of creation.
template <const auto& kTable, class ToJson = decltype(&row_json<kTable>)>
ReadHandler by_seq(std::string list, ToJson to_json = row_json<kTable>) {
  const auto rows = [](const store::Reader& reader, Realm realm, std::string_view mark, int limit) {
    return store::list_by_seq<kTable>(reader, realm, number_of_mark(mark), limit);
  };
  return page_of<kTable>(std::move(list), rows, to_json,
                         [](const store::RowOf<kTable>& row) { return std::to_string(row.seq); });
}

/// One row, named by the path's parameter `id`. `show` also serves as Write::render.
inline ReadHandler one(std::string id, Render show) {
  return reads(param(std::move(id)),
               [show = std::move(show)](const store::Reader& reader, const Caller& caller,
                                        const std::string& subject_id) -> Reply {
                 return {.json = show(reader, caller, subject_id)};
               });
}

/// The row of the caller's tenant and env that the path's parameter `id` names; `absent` where there is none.
template <const auto& kTable, class ToJson = decltype(&row_json<kTable>)>
ReadHandler row(std::string id, Code absent, ToJson to_json = row_json<kTable>) {
  return one(std::move(id), [=](const store::Reader& reader, const Caller& caller, const std::string& subject_id) {
    return to_json(found(store::find_row<kTable>(reader, caller.realm(), subject_id), absent));
  });
}

/// The rows whose member `kParent` is the path's parameter `parent`, newest first. `judge`: void(const Reader&, const
/// Caller&, const std::string& parent); it throws where there is no such parent. Cursors are bound to it, too.
template <const auto& kTable, auto kParent, class Judge, class ToJson = decltype(&row_json<kTable>)>
ReadHandler newest_of(std::string list, std::string parent, Judge judge, ToJson to_json = row_json<kTable>) {
  using Asked = std::pair<std::string, Page>;
  return reads(
      [list = std::move(list), parent = std::move(parent)](Input& input) {
        return Asked{input.param(parent), take_page(input, list + "\n" + input.param(parent))};
      },
      [=](const store::Reader& reader, const Caller& caller, const Asked& asked) -> Reply {
        const auto& [id, page] = asked;
        judge(reader, caller, id);
        auto rows = store::list_newest_of<kTable, kParent>(reader, caller.realm(), id, page.mark, page.limit + 1);
        return {.json = page_json<store::RowOf<kTable>>(page, std::move(rows), to_json, store::id_of<kTable>)};
      });
}

/// What a deletion did: there is no body, and one event.
inline Applied deleted(std::string subject_type, const std::string& subject_id, std::string event_type,
                       Json details = Json::object()) {
  return {.json = nullptr,
          .subject_type = subject_type,
          .subject_id = subject_id,
          .details = std::move(details),
          .events = {{std::move(event_type), subject_type, subject_id}},
          .status = 204};
}

}  // namespace nexus::http
