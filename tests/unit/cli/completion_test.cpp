// What a shell may offer at the cursor, told by the tree of commands alone.
#include "cli/engine/completion.hpp"

#include <algorithm>

#include "cli/engine/failure.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;

namespace {

using Words = std::vector<std::string>;

Words offered(const Words& words) {
  Words texts;
  for (const auto& offer : offers_of(cursor_of(root_command(), words))) texts.push_back(offer.text);
  return texts;
}

bool has(const Words& words, const std::string& word) { return std::ranges::find(words, word) != words.end(); }

std::string text_of(const Words& words, const std::vector<Offer>& offers = {}) {
  const Cursor cursor = cursor_of(root_command(), words);
  return completion_text(cursor, offers.empty() ? offers_of(cursor) : offers);
}

std::string parameter_at(const Words& words) {
  const Parameter* parameter = cursor_of(root_command(), words).parameter;
  return parameter ? key_of(*parameter) : "none";
}

void check_choices(const Command& command) {
  for (const auto& parameter : command.parameters)
    for (const auto& choice : parameter.choices) {
      INFO(command.name << " " << parameter.name << " offers " << choice);
      CHECK((parameter.help.find(choice) != std::string::npos || parameter.value == choice));
    }
  for (const auto& sub : command.commands) check_choices(sub);
}

}  // namespace

TEST_CASE("commands are offered where a command stands", "[cli][completion]") {
  for (const char* name : {"upload", "asset", "kill", "help", "completion"}) CHECK(has(offered({""}), name));
  CHECK(has(offered({}), "upload"));
  CHECK(offered({"firearms", ""}) == Words{"issue", "list", "show", "revoke", "check", "actions", "declare"});
  CHECK(offered({"--tenant", "t_a", "kill", "provider", ""}) == Words{"block", "allow"});
  CHECK(has(offered({"help", ""}), "asset"));
  CHECK_FALSE(has(offered({"help", ""}), "help"));
  CHECK(offered({"help", "kill", "provider", ""}) == Words{"block", "allow"});
  CHECK(text_of({"upl"}).starts_with("upload\t"));
  CHECK(text_of({"nothing-begins-so"}).empty());
}

TEST_CASE("options are offered behind a dash, and where nothing else can stand", "[cli][completion]") {
  for (const char* name : {"--limit", "--all", "--filename", "--tenant", "--output", "--help"})
    CHECK(has(offered({"asset", "list", "--"}), name));
  CHECK(has(offered({"asset", "list", ""}), "--limit"));
  CHECK(text_of({"asset", "list", "--li"}).starts_with("--limit\tat most N on a page"));
  CHECK_FALSE(has(offered({"asset", "list", "--limit", "3", "-"}), "--limit"));
  CHECK(has(offered({"asset", "list", "--metadata", "a=1", "-"}), "--metadata"));
  CHECK_FALSE(has(offered({"kill", "block", ""}), "--for"));
  CHECK(has(offered({"kill", "block", "x", ""}), "--for"));
  CHECK(offered({"upload", "--", "-"}).empty());
  CHECK(offered({"help", "-"}).size() == offered({"help", ""}).size());
}

TEST_CASE("fixed values are offered with each way of writing an option", "[cli][completion]") {
  CHECK(offered({"asset", "list", "--env", ""}) == Words{"dev", "staging", "prod"});
  CHECK(text_of({"asset", "list", "--env", "s"}) == "staging\t\n");
  CHECK(text_of({"asset", "list", "--env=s"}) == "--env=staging\t\n");
  CHECK(text_of({"-o", "js"}) == "json\t\njsonl\t\n");
  CHECK(offered({"member", "set", "u_ann", ""}) == Words{"viewer", "member", "admin", "owner"});
  CHECK(offered({"kpi", "define", "--aggregate", ""}) == Words{"sum", "mean", "last"});
  CHECK(offered({"completion", ""}) == completion_shells());
  CHECK(text_of({"--no-such-option=x"}).empty());
}

TEST_CASE("what is typed before the cursor says which value is wanted", "[cli][completion]") {
  CHECK(parameter_at({"asset", "show", ""}) == "ASSET_ID");
  CHECK(parameter_at({"canvas", "show", "c", ""}) == "ARTIFACT_ID");
  CHECK(parameter_at({"asset", "show", "a", ""}) == "none");
  CHECK(parameter_at({"upload", "a", "b", ""}) == "FILE");
  CHECK(parameter_at({"upload", "--", "-x"}) == "FILE");
  CHECK(parameter_at({"--unknown", "asset", "show", ""}) == "ASSET_ID");
  const Cursor cursor = cursor_of(root_command(), {"--env=dev", "chat", "delete", "room", "--tenant", "t_a", "m"});
  CHECK(cursor.values.text("--env") == "dev");
  CHECK(cursor.values.text("--tenant") == "t_a");
  CHECK(cursor.values.text("THREAD_ID") == "room");
  CHECK(cursor.word == "m");
}

TEST_CASE("names of files are left to the shell", "[cli][completion]") {
  CHECK(text_of({"upload", "rep"}) == ":files\n");
  CHECK(text_of({"--token-file", ""}) == ":files\n");
  CHECK(text_of({"asset", "show", ""}).empty());
}

TEST_CASE("a name of a stranger never becomes part of a command", "[cli][completion]") {
  const std::vector<Offer> offers = {{"$(reboot)", ""},
                                     {"a b", ""},
                                     {"x;y", ""},
                                     {"-rf", ""},
                                     {"", ""},
                                     {"a\nb", ""},
                                     {"good-1", "a\ttab, \x1b[31m and\na line"}};
  CHECK(text_of({"asset", "show", ""}, offers) == "good-1\ta\\x09tab, \\x1b[31m and\\x0aa line\n");
}

TEST_CASE("values that are offered stand in the help of their parameter", "[cli][completion]") {
  check_choices(root_command());
}

TEST_CASE("there is a script for each shell, and it asks nexusctl", "[cli][completion]") {
  for (const auto& shell : completion_shells()) CHECK(completion_script(shell).find("__complete") != std::string::npos);
  CHECK_THROWS_AS(completion_script("tcsh"), Failure);
}
