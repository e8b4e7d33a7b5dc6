// Moves that break off at any place: the target holds no installation then, and the source is in use as before.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store/identity.hpp"
#include "tests/unit/app/move_support.hpp"

namespace nexus::test {
namespace {

using Catch::Matchers::ContainsSubstring;

std::vector<std::string> steps_of(const app::MoveReport& report) {
  std::vector<std::string> steps;
  for (const auto& each : report.tables) steps.push_back(each.table);
  steps.insert(steps.end(), {"cards", "verified"});
  return steps;
}

/// Moves in a process of its own, which kills itself after the step. Returns whether it did.
bool is_killed_after(app::MoveOptions options, const std::string& step) {
  const pid_t child = ::fork();
  if (child == 0) {
    options.on_step = [&](std::string_view done) {
      if (done == step) ::kill(::getpid(), SIGKILL);
    };
    try {
      app::move_store(options);
    } catch (const std::exception&) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int raw = 0;
  REQUIRE(::waitpid(child, &raw, 0) == child);
  return WIFSIGNALED(raw) && WTERMSIG(raw) == SIGKILL;
}

}  // namespace

TEST_CASE("killed at any table, a move leaves no row in the target and the source in use", "[move]") {
  const Site site, tried;
  const auto empty = counts_when_empty();
  for (const std::string& step : steps_of(app::move_store(tried.there()))) {
    INFO(step);
    REQUIRE(is_killed_after(site.there(), step));
    REQUIRE(counts_of(site.address) == empty);
    REQUIRE_FALSE(app::look_for_meta(site.file, app::kMovedTo));
    REQUIRE(app::look_for_meta(site.file, app::kInstance));
  }
  { const app::Installation in_use({.data_dir = site.data, .may_found = false, .use = app::StoreUse::serves}); }
  CHECK(app::move_store(site.there()).rows > 1000);
}

TEST_CASE("control: without the one transaction, rows stay where a move was killed", "[move]") {
  const Site site;
  app::MoveOptions options = site.there();
  options.commits_each_table = true;
  REQUIRE(is_killed_after(options, "verified"));
  CHECK(counts_of(site.address) != counts_when_empty());
}

TEST_CASE("back to a file, a killed move leaves no installation there either", "[move]") {
  const Site site;
  app::move_store(site.there());
  for (const char* step : {"meta", "audit_rows", "gate_marks", "cards", "verified"}) {
    INFO(step);
    REQUIRE(is_killed_after(site.back_again(), step));
    CHECK_FALSE(app::look_for_meta(site.returned, app::kInstance));
    CHECK_FALSE(app::look_for_meta(site.server_of(site.back), app::kMovedTo));
  }
  CHECK(app::move_store(site.back_again()).rows > 1000);
}

TEST_CASE("a move that was killed after its COMMIT is completed by the same command", "[move]") {
  const Site site;
  REQUIRE(is_killed_after(site.there(), "committed"));
  REQUIRE_FALSE(app::look_for_meta(site.file, app::kMovedTo));
  const app::MoveReport report = app::move_store(site.there());
  CHECK(report.completed_earlier);
  CHECK(app::look_for_meta(site.file, app::kMovedTo));
}

TEST_CASE("once either store was used again, nobody completes the move", "[move]") {
  const Site site;
  REQUIRE(is_killed_after(site.there(), "committed"));
  site.change([](store::Tx& tx) { store::put_meta(tx, "a", "b"); });
  CHECK_THAT(said_by([&] { app::move_store(site.there()); }), ContainsSubstring("holds an installation"));
  CHECK_FALSE(app::look_for_meta(site.file, app::kMovedTo));
}

}  // namespace nexus::test
