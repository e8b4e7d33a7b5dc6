// From argv to values, and what a slip of the hand is answered.
#include "cli/engine/parse.hpp"

#include "cli/engine/failure.hpp"
#include "daemon/base/clock.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;

namespace {

Parsed parsed(std::vector<std::string> argv) { return parse(root_command(), std::move(argv)); }

Failure failure_of(std::vector<std::string> argv) {
  try {
    parsed(std::move(argv));
  } catch (const Failure& failure) {
    CHECK(static_cast<int>(failure.exit) == 2);
    return failure;
  }
  return {Exit::done, "(nothing thrown)", "(nothing thrown)"};
}

std::string remedy_of(std::vector<std::string> argv) { return failure_of(std::move(argv)).remedy; }

void check_tree(const Command& command, const std::string& path) {
  INFO(path);
  CHECK_FALSE(command.summary.empty());
  CHECK(command.example.starts_with("nexusctl "));
  CHECK(static_cast<bool>(command.run) == command.commands.empty());
  bool rest_taken = false, may_be_absent = false;  // words are given to arguments in order
  for (const auto& parameter : command.parameters) {
    using Kind = Parameter::Kind;
    const bool positional = !parameter.name.starts_with("-");
    CHECK(positional == (parameter.kind == Kind::argument || parameter.kind == Kind::optional_argument ||
                         parameter.kind == Kind::arguments));
    if (!positional) continue;
    CHECK_FALSE(rest_taken);
    CHECK_FALSE((may_be_absent && parameter.kind != Kind::optional_argument));
    rest_taken = parameter.kind == Kind::arguments;
    may_be_absent = parameter.kind == Kind::optional_argument;
  }
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
  CHECK(parsed({"upload", "--", "-h", "--help"}).values.list("FILE") == Words{"-h", "--help"});
  CHECK(parsed({"upload", "f", "--reason", "--"}).values.text("--reason") == "--");
  CHECK(parsed({"upload", "f", "--reason", "-h"}).values.text("--reason") == "-h");
  CHECK(parsed({"search", "two", "words"}).values.list("QUERY") == Words{"two", "words"});
  CHECK(parsed({"upload", "f", "--metadata", "a=1", "--metadata", "[b]=2"}).values.list("--metadata") ==
        Words{"a=1", "[b]=2"});
  CHECK(parsed({"upload", "f", "--metadata", "[b]"}).values.list("--metadata") == Words{"[b]"});
  CHECK(parsed({"kill", "block", "show"}).values.text("ACTION") == "show");
  CHECK(parsed({"context", "set", "--tenant", ""}).values.list("--tenant") == Words{""});
}

TEST_CASE("slips are answered with the nearest", "[cli][parse]") {
  CHECK(remedy_of({"upoad"}) == "nexusctl upload --help");
  CHECK(remedy_of({"upoad", "a b"}) == "nexusctl upload 'a b'");
  CHECK(remedy_of({"kill", "blok", "x"}) == "nexusctl kill block x");
  CHECK(remedy_of({"asset", "list", "--limt", "3"}) == "nexusctl asset list --limit 3");
  CHECK(remedy_of({"asset", "list", "--limt=3"}) == "nexusctl asset list --limit=3");
  CHECK(remedy_of({"asset", "show"}) == "nexusctl asset show ASSET_ID");
  CHECK(remedy_of({"asset", "show", "--field"}) == "nexusctl asset show --help");
  CHECK(remedy_of({"asset", "list", "--limit"}) == "nexusctl asset list --limit N");
  CHECK(remedy_of({"member", "set", "u_x"}) == "nexusctl member set u_x ROLE");
  CHECK(remedy_of({"memory", "add", "s", "hello"}) == "nexusctl memory add s hello --role ROLE");
  CHECK(remedy_of({"asset", "show", "a", "b"}) == "nexusctl asset show --help");
  CHECK(remedy_of({"asset", "list", "--limit", "1", "--limit", "2"}) == "nexusctl asset list --help");
  CHECK(remedy_of({"asset", "list", "--all=no"}) == "nexusctl asset list --help");
  CHECK(remedy_of({"xyzzyplugh"}) == "nexusctl --help");
}

TEST_CASE("half a name suggests the whole, and what only nexusd has is said to be there", "[cli][parse]") {
  CHECK(remedy_of({"token", "rotate"}) == "nexusd token --help");
  CHECK(remedy_of({"token", "rotate-rot"}) == "nexusd token --help");
  CHECK(remedy_of({"serve"}) == "nexusd --help");
  CHECK(remedy_of({"migrat"}) == "nexusd --help");
  CHECK(remedy_of({"kill", "every"}) == "nexusctl kill everywhere --help");
  CHECK(std::string(failure_of({"token", "rotate"}).what()) ==
        "there is no command rotate of nexusctl; where the daemon runs, there is nexusd token rotate-root or nexusd "
        "token rotate-signing");
}

TEST_CASE("a time is RFC 3339, a date, or a span: so long ago, or from now", "[cli][parse]") {
  using namespace nexus;
  const auto since = [](const std::string& text) {
    return parsed({"event", "list", "--since", text}).values.text("--since");
  };
  CHECK(since("2026-11-23T01:02:03+01:00") == "2026-11-23T01:02:03+01:00");
  CHECK(since("2026-11-23") == "2026-11-23T00:00:00Z");
  const Micros before = now_micros() - 7 * kDay;
  const Micros ago = *parse_rfc3339(since("7d"));
  CHECK(ago >= before - kSecond);
  CHECK(ago <= now_micros() - 7 * kDay);
  const auto licence = parsed({"firearms", "issue", "user", "u_a", "high", "--expires-at=90m"}).values;
  CHECK(*parse_rfc3339(licence.text("--expires-at")) > now_micros() + 89 * kMinute);
  CHECK(help_text("x", {.name = "x", .summary = "s", .parameters = {past(option("--since", "TIME", "when"))}})
            .find("5h is 5 hours ago") != std::string::npos);
  for (const char* text : {"yesterday", "7", "0d", "-1h", "2026-13-01", "1y", ""}) {
    INFO(text);
    CHECK(remedy_of({"event", "list", "--since", text}).starts_with("nexusctl"));
  }
}

TEST_CASE("a span stands beside nothing that makes a repeat count once", "[cli][parse]") {
  using namespace nexus;
  using Words = std::vector<std::string>;
  const Words line = {"budget", "record", "p", "--cost", "1", "--currency", "USD"};
  const auto with = [&](Words more) {
    more.insert(more.begin(), line.begin(), line.end());
    return more;
  };
  CHECK_NOTHROW(parsed(with({"--occurred-at", "5h"})));
  CHECK_NOTHROW(parsed(with({"--occurred-at", "2026-11-23", "--usage-id", "u"})));
  for (const Words& more : {Words{"--occurred-at", "5h", "--usage-id", "u"},
                            {"--idempotency-key", "k", "--occurred-at=5h"},
                            {"--usage-id=u", "--occurred-at", "30m"}}) {
    const std::string remedy = remedy_of(with(more));
    INFO(remedy);
    CHECK(remedy.starts_with("nexusctl budget record p --cost 1 --currency USD --"));
    CHECK(remedy.find("--occurred-at") != std::string::npos);
    CHECK(remedy.find("Z") != std::string::npos);  // the time itself
  }
  CHECK(remedy_of({"kill", "block", "x", "--for", "1h", "--idempotency-key", "k"}) == "nexusctl kill block --help");
  CHECK(parsed({"kill", "block", "x", "--for", "1h"}).values.text("--for") == "1h");
}

TEST_CASE("an option that nobody has asked for is known", "[cli][parse]") {
  const Parsed got = parsed({"asset", "list", "--limit", "3", "--all"});
  CHECK(got.values.find_unheeded().value_or("") == "--all");
  CHECK(got.values.given("--all"));
  CHECK(got.values.find_unheeded().value_or("") == "--limit");
  CHECK(got.values.number("--limit", 1, 200) == 3);
  CHECK_FALSE(got.values.given("--cursor"));
  CHECK_FALSE(got.values.find_unheeded().has_value());
  CHECK_FALSE(parsed({"asset", "show", "x"}).values.find_unheeded().has_value());
}

TEST_CASE("only -h and --help are help, and a word that begins with - wants -- before it", "[cli][parse]") {
  CHECK(remedy_of({"chat", "send", "room", "-hello"}) == "nexusctl chat send room -- -hello");
  CHECK(remedy_of({"upload", "-hx"}) == "nexusctl upload -- -hx");
  CHECK(remedy_of({"upload", "-qv"}) == "nexusctl upload -- -qv");
  CHECK(remedy_of({"upload", "-qh", "f"}) == "nexusctl upload -- -qh f");
  CHECK(remedy_of({"kpi", "observe", "x", "-3"}) == "nexusctl kpi observe x -- -3");
  CHECK(remedy_of({"whoami", "-x"}) == "nexusctl whoami --help");
  for (const auto& argv : {std::vector<std::string>{"upload", "-h"},
                           {"upload", "f", "--help"},
                           {"help", "upload"},
                           {"--help", "upload"},
                           {"upload", "a", "b", "-h"}})
    CHECK(parsed(argv).text.starts_with("presign, send and register files"));
  CHECK(remedy_of({"nosuch", "--help"}) == "nexusctl --help");
  CHECK(remedy_of({"--help", "nosuch"}) == "nexusctl --help");
  CHECK(remedy_of({"help", "tenant", "creat"}) == "nexusctl tenant create --help");
  CHECK(remedy_of({"upload", "--nosuch", "--help"}) == "nexusctl upload -- --nosuch --help");
}

TEST_CASE("the short forms", "[cli][parse]") {
  const Parsed got = parsed({"upload", "f", "-q", "-v", "-o", "json"});
  CHECK(got.values.given("--quiet"));
  CHECK(got.values.given("--verbose"));
  CHECK(got.values.text("--output") == "json");
  CHECK(parsed({"upload", "f", "-ojsonl"}).values.text("--output") == "jsonl");
  CHECK(parsed({"asset", "download", "x", "-O", "f"}).values.text("--output-file") == "f");
  CHECK(remedy_of({"chat", "send", "room", "-ok"}) == "nexusctl chat send room -- -ok");
}

TEST_CASE("words that are no UTF-8 are named, and not sent", "[cli][parse]") {
  try {
    parsed({"chat", "send", "room", "caf\xe9"});
    FAIL("taken");
  } catch (const Failure& failure) {
    CHECK(std::string(failure.what()) == "argument 4 is not UTF-8: caf\\xe9");
    CHECK(static_cast<int>(failure.exit) == 2);
  }
}

TEST_CASE("every command has a summary, an example, and either work or commands", "[cli][parse]") {
  for (const auto& group : root_command().commands) {
    check_tree(group, group.name);
    INFO(group.name);
    CHECK_FALSE(heading_of(group.topic).empty());
    for (const auto& sub : group.commands) CHECK(sub.topic == Topic::none);
  }
  CHECK(std::ranges::is_sorted(root_command().commands, {}, &Command::topic));
  const std::string help = help_text("nexusctl", root_command());
  for (const char* heading : {"\nFirst job\n", "\nStop\n", "\nOperate\n"})
    CHECK(help.find(heading) == help.rfind(heading));
  CHECK(help.find("\nFirst job\n") < help.find("\nOperate\n"));
}

TEST_CASE("a parameter that the command lacks is a defect", "[cli][parse]") {
  CHECK_THROWS_AS(parsed({"whoami"}).values.given("--limit"), std::logic_error);
}
