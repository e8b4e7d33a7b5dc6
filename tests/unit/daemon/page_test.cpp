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
