// What is committed is told as committed, with its receipt, whatever becomes of the text of the answer.
#include "daemon/http/writes.hpp"

#include <future>

#include "daemon/base/file.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/http/problems.hpp"
#include "tests/catch.hpp"
#include "tests/unit/blobs/support.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::http {
namespace {

constexpr const char* kKeyName = "20260101T000000Z-000001";

Keyring one_key() {
  const blobs::testing::TemporaryDirectory directory;
  replace_file(directory.path() / ("jwt-" + std::string(kKeyName) + ".key"), "0123456789abcdef0123456789abcdef");
  return Keyring::load(directory.path());
}

/// The writing part of a dispatcher, with lanes that run their tasks at once.
struct Dispatching {
  store::test::Scratch scratch;
  store::SqliteDatabase database{{.path = scratch.database()}};
  Bearers bearers{one_key()};
  Guard guard{bearers};
  FairExecutor lane{[](const FairExecutor::Task& task) { task(); }, {.width = 1, .waiting = {.entries = 10}}};
  Common common{database, guard, options()};
  RouteTable routes;
  Admission admission{routes, common};
  Idempotency idempotency{common, admission};
  Writes writes{common, admission, idempotency};
  Route route;

  Dispatching() {
    route.method = "POST";
    route.path = "/things";
    route.action = "thing_create";
    route.surface = "things";
    route.demand = {.access = Access::system, .scope = Scope::none, .mutates = true};
    route.policy = gates::Policy::audited;
    route.effects = kOwnRowsAlone;
    route.handler = WriteHandler();
  }
  ~Dispatching() { database.writer().stop(); }

  DispatcherOptions options() {
    DispatcherOptions options;
    options.instance_id = "test";
    options.storage = &lane;
    options.long_reads = &lane;
    return options;
  }

  ExchangePtr ask() {
    const auto exchange = std::make_shared<Exchange>();
    exchange->route = &route;
    Caller& caller = exchange->caller;
    caller.user_id = caller.actor_type = "system";
    caller.token_id = "root";
    caller.vouched_by = kKeyName;
    caller.role = Role::system;
    caller.request_id = caller.trace_id = "r-1";
    return exchange;
  }

  /// Answers a change whose answer is rendered so.
  Response change(Render render) {
    Write write;
    write.apply = [](store::Tx&, const Caller&) {
      return Applied{.json = nullptr,
                     .subject_type = "thing",
                     .subject_id = "thing-1",
                     .fields = {{"Location", "/things/thing-1"}}};
    };
    write.render = std::move(render);
    const auto promise = std::make_shared<std::promise<Response>>();
    writes.run(ask(), std::move(write), "{}",
               [promise](Response response) { promise->set_value(std::move(response)); });
    Response answer = promise->get_future().get();
    answer.make_body();
    return answer;
  }
  std::int64_t rows() {
    auto lease = database.read();
    auto count = lease.reader().query("SELECT count(*) FROM audit_rows WHERE action = 'thing_create'");
    return count.next() ? count.integer(0) : 0;
  }
};

std::string field_of(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.fields)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("a change whose answer is rendered is answered with its receipt") {
  Dispatching dispatching;
  const Response answer = dispatching.change([](const auto&, const auto&, const std::string& id) {
    return Json{{"id", id}};
  });
  CHECK(answer.status == 201);
  CHECK(answer.body == R"({"id":"thing-1"})");
  CHECK(field_of(answer, "Nexus-Audit-Seq") == "1");
}

TEST_CASE("a change whose answer cannot be rendered is told as made, with its receipt") {
  struct Case {
    std::string name;
    Render render;
    std::string code;
  };
  const Case cases[] = {
      {"gone", [](const auto&, const auto&, const auto&) -> Json { throw Problem(problems::run_not_found, "no run"); },
       "run.not_found"},
      {"storage", [](const auto&, const auto&, const auto&) -> Json { throw Problem(problems::store_busy, "wait"); },
       "answer.not_made"},
      {"busy", [](const auto&, const auto&, const auto&) -> Json { throw store::Error(store::Failure::busy, "busy"); },
       "answer.not_made"},
      {"memory", [](const auto&, const auto&, const auto&) -> Json { throw std::bad_alloc(); }, "answer.not_made"},
      {"fault", [](const auto&, const auto&, const auto&) -> Json { throw std::runtime_error("x"); },
       "answer.not_made"},
  };
  Dispatching dispatching;
  std::int64_t made = 0;
  for (const auto& [name, render, code] : cases) {
    INFO(name);
    const Response answer = dispatching.change(render);
    const Json problem = parse_own_json(answer.body);
    CHECK(problem.at("code") == code);
    CHECK(problem.at("detail").get<std::string>().starts_with("the change was made"));
    CHECK_FALSE(problem.contains("retry_after"));
    CHECK(answer.status == (code == "answer.not_made" ? 500 : 404));
    CHECK(field_of(answer, "Nexus-Audit-Seq") == std::to_string(++made));
    CHECK(field_of(answer, "Nexus-Audit-Hash").size() == 64);
    CHECK(field_of(answer, "Location") == "/things/thing-1");
    CHECK(field_of(answer, "Retry-After").empty());
  }
  CHECK(dispatching.rows() == made);
}

}  // namespace nexus::http
