// From argv to values, and what a slip of the hand is answered.
#include "cli/parse.hpp"

#include "cli/failure.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;

namespace {

Parsed parsed(std::vector<std::string> argv) { return parse(root_command(), std::move(argv)); }

std::string remedy_of(std::vector<std::string> argv) {
  try {
    parsed(std::move(argv));
  } catch (const Failure& failure) {
    CHECK(static_cast<int>(failure.exit) == 2);
    return failure.remedy;
  }
  return "(nothing thrown)";
}

void check_tree(const Command& command, const std::string& path) {
  INFO(path);
  CHECK_FALSE(command.summary.empty());
  CHECK(command.example.starts_with("nexusctl "));
  CHECK(static_cast<bool>(command.run) == command.commands.empty());
  for (const auto& sub : command.commands) check_tree(sub, path + " " + sub.name);
}

}  // namespace

TEST_CASE("global options stand before or after the command", "[cli][parse]") {
  for (const auto& argv : {std::vector<std::string>{"--tenant", "t_a", "tenant", "list", "--limit", "3"},
                           {"tenant", "list", "--limit", "3", "--tenant", "t_a"},
                           {"tenant", "--tenant=t_a", "list", "--limit=3"}}) {
    const Parsed got = parsed(argv);
    REQUIRE(got.command);
    CHECK(got.path == "nexusctl tenant list");
    CHECK(got.values.text("--tenant") == "t_a");
    CHECK(got.values.number("--limit", 1, 200) == 3);
  }
}

TEST_CASE("arguments are taken as they stand", "[cli][parse]") {
  using Words = std::vector<std::string>;
  CHECK(parsed({"upload", "token", "[a,b]", "{}", "%%", "-"}).values.list("FILE") ==
        Words{"token", "[a,b]", "{}", "%%", "-"});
  CHECK(parsed({"upload", "--", "-x"}).values.list("FILE") == Words{"-x"});
  CHECK(parsed({"upload", "f", "--metadata", "a=1", "--metadata", "[b]=2"}).values.list("--metadata") ==
        Words{"a=1", "[b]=2"});
  CHECK(parsed({"upload", "f", "--metadata", "[b]"}).values.list("--metadata") == Words{"[b]"});
  CHECK(parsed({"kill", "block", "show"}).values.text("ACTION") == "show");
  CHECK(parsed({"context", "set", "--tenant", ""}).values.list("--tenant") == Words{""});
}

TEST_CASE("slips are answered with the nearest", "[cli][parse]") {
  CHECK(remedy_of({"upoad"}) == "nexusctl upload");
  CHECK(remedy_of({"kill", "blok", "x"}) == "nexusctl kill block");
  CHECK(remedy_of({"asset", "list", "--limt", "3"}) == "--limit");
  CHECK(remedy_of({"asset", "show"}) == "nexusctl asset show ASSET_ID");
  CHECK(remedy_of({"asset", "show", "a", "b"}) == "nexusctl asset show ASSET_ID");
  CHECK(remedy_of({"asset", "list", "--limit", "1", "--limit", "2"}).starts_with("nexusctl asset list"));
  CHECK(remedy_of({"xyzzyplugh"}) == "nexusctl --help");
  CHECK(nearest("tenat", {"tenant", "token"}) == "tenant");
}

TEST_CASE("every command has a summary, an example, and either work or commands", "[cli][parse]") {
  for (const auto& group : root_command().commands) check_tree(group, group.name);
}

TEST_CASE("a parameter that the command lacks is a defect", "[cli][parse]") {
  CHECK_THROWS_AS(parsed({"whoami"}).values.given("--limit"), std::logic_error);
}
