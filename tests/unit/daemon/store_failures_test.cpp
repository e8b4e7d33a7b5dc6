// What a client is told when the store fails: the code, whether to ask again, and nothing of what the engine said.
#include "daemon/http/common.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::http {
namespace {

using store::Failure;
using store::Outcome;

struct Told {
  std::string code, detail;
  int retry_after = 0;
  bool operator==(const Told&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Told& told) {
  return out << told.code << " | " << told.detail << " | " << told.retry_after;
}

Told told(const Response& response) {
  const Json problem = parse_own_json(response.body);
  CHECK(problem.dump().find("secret") == std::string::npos);
  return {problem.at("code"), problem.at("detail"), problem.value("retry_after", 0)};
}

struct Answering {
  store::test::Scratch scratch;
  store::SqliteDatabase database{{.path = scratch.database()}};
  const OriginRules origins{OriginOptions{}};
  Answers answers{database, "test", origins, {}, nullptr};
  Exchange exchange;

  ~Answering() { database.writer().stop(); }

  /// Of a read, or of a unit that found it while it ran.
  Told of_error(Failure failure) {
    return told(answers.failure(exchange, std::make_exception_ptr(store::Error(failure, "secret of the engine"))));
  }
  /// Of a change that the store could not apply.
  Told of_change(Failure failure, Outcome outcome = Outcome::not_applied) {
    return told(answers.failure(exchange, store::failed(outcome, store::Error(failure, "secret of the engine"))));
  }
};

}  // namespace

TEST_CASE("a read that finds no server of the database is to be tried again") {
  Answering answering;
  const std::string away = "the database cannot be reached: try again";
  CHECK(answering.of_error(Failure::unreachable) == Told{"store.busy", away, 1});
  CHECK(answering.of_error(Failure::busy) == Told{"store.busy", "try again", 1});
  CHECK(answering.of_error(Failure::interrupted) == Told{"store.busy", "try again", 1});
  CHECK(answering.of_error(Failure::corrupt).code == "internal.error");
  CHECK(answering.of_error(Failure::other).retry_after == 0);
}

TEST_CASE("a change that was not applied names the class of its cause") {
  Answering answering;
  for (const auto& [failure, cause] :
       {std::pair(Failure::unreachable, "unreachable"), std::pair(Failure::full, "disk_full"),
        std::pair(Failure::read_only, "read_only"), std::pair(Failure::io, "io_error")}) {
    INFO(cause);
    CHECK(answering.of_change(failure) == Told{"audit.unavailable", "nothing was changed: " + std::string(cause), 1});
  }
  CHECK(answering.of_change(Failure::busy).code == "store.busy");
  CHECK(answering.of_change(Failure::unreachable, Outcome::unknown).code == "store.outcome_unknown");
  CHECK(answering.of_change(Failure::unreachable, Outcome::refused) == answering.of_error(Failure::unreachable));
}

}  // namespace nexus::http
