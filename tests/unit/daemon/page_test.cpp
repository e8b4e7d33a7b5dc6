// Pages and their cursors: limits, the last page, and cursors that are damaged or come from another list.
#include "daemon/http/page.hpp"

#include "daemon/base/bytes.hpp"
#include "tests/catch.hpp"

namespace nexus::http {
namespace {

struct Asked {
  std::string tenant = "t_acme";
  Env env = Env::dev;
  std::string list = "raw";
};

Page page_of(const Json& query, const Asked& asked = {}) {
  const RequestHead head;
  const std::map<std::string, std::string, std::less<>> path;
  const Json none = Json::object();
  const std::string base = "http://localhost";
  Caller caller;
  caller.tenant_id = TenantId::parse(asked.tenant);
  caller.env_id = asked.env;
  Faults faults;
  Fields query_fields(query, "/query", faults);
  Fields body_fields(none, "", faults);
  Input input{head, path, query_fields, body_fields, {}, base, caller};
  Page page = take_page(input, asked.list);
  query_fields.finish();
  faults.raise();
  return page;
}

template <class Act>
std::string code_of(Act act) {
  try {
    act();
  } catch (const Problem& problem) {
    return std::string(info(problem.code).code);
  }
  return {};
}

Json page_of_numbers(const Page& page, std::vector<int> rows) {
  return page_json<int>(
      page, std::move(rows), [](const int& row) { return Json(row); },
      [](const int& row) { return std::to_string(row); });
}

TEST_CASE("a page has 50 items unless the request says otherwise") {
  CHECK(page_of(Json::object()).limit == 50);
  CHECK(page_of({{"limit", "1"}}).limit == 1);
  CHECK(page_of({{"limit", "200"}}).limit == 200);
  for (const auto* limit : {"0", "201", "-1", "x", ""}) {
    INFO(limit);
    CHECK(code_of([&] { page_of({{"limit", limit}}); }) == "validation.failed");
  }
}

TEST_CASE("only a page with more behind it has a next cursor") {
  Page page = page_of({{"limit", "2"}});
  CHECK(page_of_numbers(page, {}) == parse_json(R"({"items":[],"next_cursor":null})"));
  CHECK(page_of_numbers(page, {9, 8}) == parse_json(R"({"items":[9,8],"next_cursor":null})"));
  const Json more = page_of_numbers(page, {9, 8, 7});
  CHECK(more["items"] == parse_json("[9,8]"));
  CHECK(page_of({{"cursor", more["next_cursor"]}}).mark == "8");
}

/// Texts of these sizes, the newest first, as a page of them shows.
Json page_of_texts(const Page& page, const std::vector<std::size_t>& sizes) {
  return page_json<std::size_t>(
      page, sizes, [](std::size_t size) { return Json(std::string(size, 'x')); },
      [](std::size_t size) { return std::to_string(size); });
}

TEST_CASE("a page ends at a MiB of answer, but never before its first item") {
  const Page page = page_of({{"limit", "200"}});
  const Json half = page_of_texts(page, {400'000, 400'001, 400'002, 7});
  CHECK(half["items"].size() == 2);
  CHECK(page_of({{"cursor", half["next_cursor"]}}).mark == "400001");
  CHECK(to_text(half).size() <= limits::list_bytes_max);
  // One that is too large stands alone, and hides nothing behind it.
  const Json large = page_of_texts(page, {3'000'000, 5});
  CHECK(large["items"].size() == 1);
  CHECK(page_of({{"cursor", large["next_cursor"]}}).mark == "3000000");
  CHECK(page_of_texts(page, {5, 3'000'000})["items"].size() == 1);
  CHECK(page_of_texts(page, {3'000'000})["next_cursor"].is_null());
  // It is the answer that counts, not the text: each of these bytes takes six.
  const Json escaped = page_json<int>(
      page, {1, 2}, [](int) { return Json(std::string(150'000, '\x01')); },
      [](int row) { return std::to_string(row); });
  CHECK(escaped["items"].size() == 1);
}

TEST_CASE("rows that may be large are read a few at a time, and every one is shown once") {
  constexpr int kRows = 100;
  int most_read = 0, read = 0;
  const auto page_behind = [&](const Page& page, std::size_t size) {
    read = 0;
    return page_json_in_pieces<int>(
        page,
        [&](const std::string& mark, int count) {
          std::vector<int> rows;
          for (int row = mark.empty() ? kRows : std::stoi(mark) - 1; row > 0 && count > 0; --row, --count)
            rows.push_back(row);
          read += static_cast<int>(rows.size());
          most_read = std::max(most_read, static_cast<int>(rows.size()));
          return rows;
        },
        [&](int row) {
          return Json{{"row", row}, {"text", std::string(size, 'x')}};
        },
        [](int row) { return std::to_string(row); });
  };
  struct Case {
    std::size_t size;
    const char* limit;
    std::size_t items;
    int read_at_most;
  };
  for (const auto& [size, limit, items, read_at_most] :
       {Case{10, "200", 100, 100}, Case{10, "30", 30, 32}, Case{300'000, "200", 3, 16}, Case{2'000'000, "5", 1, 6}}) {
    INFO(size << " " << limit);
    Json query = {{"limit", limit}};
    std::vector<int> seen;
    for (bool more = true; more;) {
      const Json json = page_behind(page_of(query), size);
      if (seen.empty()) CHECK(json["items"].size() == items);
      CHECK(read <= read_at_most);
      for (const Json& item : json["items"]) seen.push_back(item["row"]);
      more = !json["next_cursor"].is_null();
      if (more) query["cursor"] = json["next_cursor"];
    }
    CHECK(seen.size() == kRows);
    CHECK(std::ranges::is_sorted(seen, std::greater()));
    CHECK(std::ranges::adjacent_find(seen) == seen.end());
  }
  CHECK(most_read <= 16);
}

TEST_CASE("a cursor holds for its own list, tenant and env alone") {
  const std::string cursor = make_cursor(page_of(Json::object()), "mark");
  CHECK(page_of({{"cursor", cursor}}).mark == "mark");
  CHECK(code_of([&] { page_of({{"cursor", cursor}}, {.tenant = "t_other"}); }) == "request.invalid_cursor");
  CHECK(code_of([&] { page_of({{"cursor", cursor}}, {.env = Env::prod}); }) == "request.invalid_cursor");
  CHECK(code_of([&] { page_of({{"cursor", cursor}}, {.list = "cards"}); }) == "request.invalid_cursor");
}

TEST_CASE("a cursor with any character changed, added or lost is refused") {
  const std::string cursor = make_cursor(page_of(Json::object()), "01a2062e-02c5-7000-83a0-422a0806349d");
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string damaged = cursor;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    INFO(damaged);
    CHECK(code_of([&] { page_of({{"cursor", damaged}}); }) == "request.invalid_cursor");
  }
  for (const std::string& damaged : {cursor + "A", cursor + "=", cursor.substr(1), cursor.substr(0, cursor.size() - 1),
                                     std::string("garbage"), std::string(), base64url("short"), std::string("\n")}) {
    INFO(damaged);
    CHECK(code_of([&] { page_of({{"cursor", damaged}}); }) == "request.invalid_cursor");
  }
}

}  // namespace
}  // namespace nexus::http
