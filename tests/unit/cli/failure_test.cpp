// Exit codes are a contract: literals on both sides.
#include "cli/engine/failure.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;
using nexus::Json;
using nexus::parse_own_json;

namespace {

int exit_of(const char* code, int status) { return static_cast<int>(exit_for(code, status)); }

}  // namespace

TEST_CASE("exit codes by status", "[cli][exit]") {
  struct Row {
    int status;
    int exit;
  };
  const Row rows[] = {{400, 2}, {413, 2}, {415, 2},  {422, 2},  {401, 4},  {403, 5}, {404, 6}, {409, 7},
                      {412, 7}, {429, 9}, {500, 10}, {503, 10}, {507, 10}, {405, 1}, {408, 1}, {421, 1}};
  for (const auto& row : rows) {
    INFO(row.status);
    CHECK(exit_of("", row.status) == row.exit);
  }
}

TEST_CASE("a gate's refusal is 5, whatever its status", "[cli][exit]") {
  for (const char* code :
       {"kill_switch_blocked", "firearms_licence_required", "budget_threshold_missing", "budget_threshold_exceeded",
        "kpi_threshold_missing", "kpi_corridor_breached", "temperature_breach"}) {
    INFO(code);
    CHECK(exit_of(code, 403) == 5);
  }
  CHECK(exit_of("strategy_lock_required", 409) == 5);
  CHECK(exit_of("three_wise_verdict_required", 409) == 5);
  CHECK(exit_of("tenant.exists", 409) == 7);
  const Json problem = {{"code", "new_gate"}, {"decision", {{"result", "BLOCK"}}}};
  CHECK(static_cast<int>(Refusal(409, problem, "").exit()) == 5);
}

TEST_CASE("people read detail, code, fields, remedy and request id", "[cli][error]") {
  const Json problem = {{"detail", "a field is wrong\x1b"},
                        {"code", "validation.failed"},
                        {"errors", Json::array({{{"pointer", "/name"}, {"detail", "must be text"}}})},
                        {"remedy", "nexusctl tenant list"},
                        {"request_id", "r-1"}};
  const Json whole = {{"detail", "a card is wanted"}, {"errors", {{{"pointer", ""}, {"detail", "is no card"}}}}};
  CHECK(for_people(Refusal(422, whole, ""), false) == "error: a card is wanted\n  the body: is no card\n");
  CHECK(for_people(Refusal(422, problem, ""), false) ==
        "error: a field is wrong\\x1b [validation.failed]\n"
        "  /name: must be text\n"
        "try: nexusctl tenant list\n"
        "request id: r-1\n");
}

TEST_CASE("a line to try says again where the failed one acted", "[cli][error]") {
  const std::vector<std::pair<std::string, std::string>> typed = {{"--context", "q"}, {"--env", "prod"}};
  CHECK(with_typed("nexusctl kill allow x", typed) == "nexusctl kill allow x --context q --env prod");
  CHECK(with_typed("nexusctl login < FILE", typed) == "nexusctl login --context q --env prod < FILE");
  CHECK(with_typed("nexusctl chat send room -- -x", typed) == "nexusctl --context q --env prod chat send room -- -x");
  CHECK(with_typed("nexusctl kill allow x --env dev", typed) == "nexusctl kill allow x --env dev --context q");
  CHECK(with_typed("nexusctl kill block x --envs prod", typed) ==
        "nexusctl kill block x --envs prod --context q --env prod");
  CHECK(with_typed("nexusctl login < FILE", {{"--token-file", "t"}}) == "nexusctl login < FILE");
  CHECK(with_typed("nexusctl context use NAME", typed) == "nexusctl context use NAME");
  const std::vector<std::pair<std::string, std::string>> mine = {
      {"--context", "q"}, {"--server", "http://a"}, {"--token-file", "t"}, {"--tenant", "t_1"}, {"--env", "prod"}};
  CHECK(with_typed("nexusctl kill everywhere allow '*'", mine) ==
        "nexusctl kill everywhere allow '*' --context CONTEXT --server http://a --token-file FILE --env prod");
  CHECK(with_typed("nexusctl kill user allow u_1", mine) ==
        "nexusctl kill user allow u_1 --context CONTEXT --server http://a --token-file FILE --tenant t_1 --env prod");
  CHECK(with_typed("nexusctl kill autonomy on", typed) == "nexusctl kill autonomy on --context CONTEXT --env prod");
  CHECK(with_typed("ask an owner", typed) == "ask an owner");
  CHECK(with_typed("nexusctl(1) lists them", typed) == "nexusctl(1) lists them");
  CHECK(with_typed("nexusctl card list", {{"--tenant", "a b"}}) == "nexusctl card list --tenant 'a b'");
}

TEST_CASE("programs read the problem as it came", "[cli][error]") {
  const Json problem = {{"code", "raw.not_found"}, {"status", 404}, {"detail", "no such asset"}};
  CHECK(parse_own_json(for_programs(Refusal(404, problem, "r-1"))) == problem);
  const Json page = parse_own_json(for_programs(Refusal(502, nullptr, "")));
  CHECK(page["status"] == 502);
  CHECK(page["detail"] == "the server answered HTTP 502");
  CHECK(parse_own_json(for_programs(usage_error("wrong", "right")))["code"] == "cli.usage");
}
