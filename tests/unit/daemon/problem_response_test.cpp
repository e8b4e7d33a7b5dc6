// A problem on the wire: RFC 9457 with the contract's members, and no more than applies.
#include "daemon/base/problems.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/response.hpp"

#include <algorithm>
#include <set>

#include "daemon/problems.hpp"
#include "tests/catch.hpp"

namespace nexus::http {
namespace {

std::string header_of(const Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.fields, name, [](const auto& field) { return field.first; });
  return found == response.fields.end() ? "" : found->second;
}

std::set<std::string> members_of(const Json& json) {
  std::set<std::string> names;
  for (const auto& [name, value] : json.items()) names.insert(name);
  return names;
}

const std::set<std::string> kAlways = {"type", "title", "status", "detail", "code", "request_id", "trace_id"};

TEST_CASE("a problem names its page, code, status and request, and nothing that does not apply") {
  const Response response = problem_response(Problem(problems::raw_not_found, "look again"), "r-1", "t-1");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/problem+json");
  const Json body = parse_json(response.body);
  CHECK(members_of(body) == kAlways);
  CHECK(body["type"] == "/problems/raw.not_found");
  CHECK(body["status"] == 404);
  CHECK(body["code"] == "raw.not_found");
  CHECK(body["detail"] == "look again");
  CHECK(body["request_id"] == "r-1");
  CHECK(body["trace_id"] == "t-1");
}

TEST_CASE("every code makes a whole document with a page and a name of its own") {
  std::set<std::string_view> codes;
  for (const CodeInfo* declared : all_codes()) {
    const CodeInfo& row = *declared;
    INFO(row.code);
    const Response response = problem_response(Problem(row), "r", "t");
    const Json body = parse_json(response.body);
    CHECK(response.status == row.status);
    CHECK(row.status >= 400);
    CHECK(row.status < 600);
    CHECK(row.meaning.size() > 20);
    CHECK(members_of(body) == kAlways);
    CHECK_FALSE(body["detail"].get<std::string>().empty());
    CHECK(body["type"] == "/problems/" + std::string(row.code));
    CHECK(header_of(response, "WWW-Authenticate") == (row.status == 401 ? "Bearer" : ""));
    CHECK(codes.insert(row.code).second);
    CHECK(find_code(row.code) == Code(row));
  }
  CHECK_FALSE(find_code("no.such_code"));
}

TEST_CASE("errors, decision, remedy and retry_after stand where they apply") {
  Problem problem = Problem(problems::rate_limit_exceeded, "slower")
                        .with_errors({{"/a", "is wrong"}, {"/b/0", "is required"}})
                        .with_remedy("nexusctl kill show");
  problem.retry_after = 7;
  problem.decision = {{"result", "BLOCK"}};
  const Response response = problem_response(problem, "r", "t");
  const Json body = parse_json(response.body);
  CHECK(body["errors"] ==
        parse_json(R"([{"pointer":"/a","detail":"is wrong"},{"pointer":"/b/0","detail":"is required"}])"));
  CHECK(body["remedy"] == "nexusctl kill show");
  CHECK(body["retry_after"] == 7);
  CHECK(body["decision"] == Json({{"result", "BLOCK"}}));
  CHECK(header_of(response, "Retry-After") == "7");
}

TEST_CASE("a detail that is not UTF-8 still makes valid JSON") {
  const Response response = problem_response(Problem(problems::internal_error, "a\xFF\"\n"), "r", "t");
  CHECK_NOTHROW(parse_json(response.body));
}

}  // namespace
}  // namespace nexus::http
