// Flag > environment > context > default, and where a token may go.
#include "cli/engine/settings.hpp"

#include "cli/engine/failure.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;

namespace {

struct Given {
  std::map<std::string, std::string> flags;
  std::map<std::string, std::string> environment;
  ContextBook book;
};

Settings settle(const Given& given) {
  Values values;
  for (const auto& parameter : global_parameters()) values.slot(key_of(parameter));
  for (const auto& [name, value] : given.flags) values.slot(name).push_back(value);
  const Environment environment = [&](const char* name) -> std::optional<std::string> {
    const auto it = given.environment.find(name);
    return it == given.environment.end() ? std::nullopt : std::optional(it->second);
  };
  return resolve(values, environment, given.book);
}

ContextBook one_context() { return {"here", {{"here", {"http://ctx:1", "t_ctx", "staging", ""}}}}; }

}  // namespace

TEST_CASE("flag before environment before context before default", "[cli][settings]") {
  Given given;
  CHECK(settle(given).server.value == "http://127.0.0.1:7700");
  CHECK_FALSE(settle(given).tenant.has_value());
  CHECK_FALSE(settle(given).env.has_value());

  given.book = one_context();
  CHECK(settle(given).server.value == "http://ctx:1");
  CHECK(settle(given).tenant->value == "t_ctx");
  CHECK(settle(given).env->value == "staging");

  given.environment = {{"NEXUS_ADDR", "http://env:1"}, {"NEXUS_TENANT", "t_env"}, {"NEXUS_ENV", "dev"}};
  CHECK(settle(given).server.value == "http://env:1");
  CHECK(settle(given).tenant->source == "NEXUS_TENANT");

  given.flags = {{"--server", "http://flag:1"}, {"--tenant", "t_flag"}, {"--env", "prod"}};
  CHECK(settle(given).server.value == "http://flag:1");
  CHECK(settle(given).tenant->value == "t_flag");
  CHECK(settle(given).env->value == "prod");
}

TEST_CASE("a context that --context names is meant whole", "[cli][settings]") {
  Given given;
  given.book = one_context();
  given.book.contexts["bare"] = {};
  given.environment = {{"NEXUS_ADDR", "http://env:1"}, {"NEXUS_TENANT", "t_env"}, {"NEXUS_ENV", "dev"},
                       {"NEXUS_TOKEN", "x"},           {"NEXUS_RUN_ID", "r"},     {"NEXUS_TOKEN_FILE", "/f"}};
  given.flags = {{"--context", "here"}};
  Settings settings = settle(given);
  CHECK(settings.server.value == "http://ctx:1");
  CHECK(settings.server.source == "context here");
  CHECK(settings.tenant->value == "t_ctx");
  CHECK(settings.env->value == "staging");
  CHECK(settings.token.kind == TokenPlace::Kind::context);
  CHECK(settings.run->value == "r");

  given.flags["--tenant"] = "t_flag";
  given.flags["--token-file"] = "/g";
  settings = settle(given);
  CHECK(settings.tenant->value == "t_flag");
  CHECK(settings.token.value == "/g");

  // What it lacks is missing: no token of another place is sent to its server.
  given.flags = {{"--context", "bare"}};
  settings = settle(given);
  CHECK(settings.server.source == "default");
  CHECK_FALSE(settings.tenant.has_value());
  CHECK_FALSE(settings.env.has_value());
  CHECK(settings.token.kind == TokenPlace::Kind::none);

  // NEXUS_CONTEXT is a variable like the others: they stand beside it.
  given.flags.clear();
  given.environment["NEXUS_CONTEXT"] = "here";
  CHECK(settle(given).tenant->value == "t_env");
}

TEST_CASE("contexts: the one in force must exist, whoever names it", "[cli][settings]") {
  Given given;
  given.book = one_context();
  given.flags = {{"--context", "gone"}};
  CHECK_THROWS_AS(settle(given), Failure);
  given.flags.clear();
  given.book.current = "gone";
  CHECK_THROWS_AS(settle(given), Failure);
  given.book.current.clear();
  CHECK(settle(given).context.empty());
  given.environment = {{"NEXUS_CONTEXT", "here"}};
  CHECK(settle(given).context == "here");
}

TEST_CASE("tokens: file flag, variable, file variable, context", "[cli][settings]") {
  using Kind = TokenPlace::Kind;
  Given given;
  CHECK(settle(given).token.kind == Kind::none);
  given.book = one_context();
  CHECK(settle(given).token.kind == Kind::context);
  given.environment["NEXUS_TOKEN_FILE"] = "/f";
  CHECK(settle(given).token.kind == Kind::file);
  given.environment["NEXUS_TOKEN"] = "x";
  CHECK(settle(given).token.kind == Kind::environment);
  given.flags["--token-file"] = "/g";
  CHECK(settle(given).token.value == "/g");
}

TEST_CASE("a context's token never goes to another server", "[cli][settings]") {
  Given given;
  given.book = one_context();
  given.flags = {{"--server", "http://elsewhere:1"}};
  CHECK(settle(given).token.kind == TokenPlace::Kind::wrong_server);
  given.flags = {{"--server", "http://ctx:1/"}};
  CHECK(settle(given).token.kind == TokenPlace::Kind::context);
}

TEST_CASE("the run: flag, then variable, else none", "[cli][settings]") {
  Given given;
  given.book = one_context();
  CHECK(!settle(given).run);
  given.environment = {{"NEXUS_RUN_ID", "a"}};
  CHECK(settle(given).run->value == "a");
  given.flags = {{"--run", "b"}};
  CHECK(settle(given).run->source == "--run");
}

TEST_CASE("durations and formats", "[cli][settings]") {
  CHECK(parse_duration("10", "x").count() == 10000);
  CHECK(parse_duration("250ms", "x").count() == 250);
  CHECK(parse_duration("12h", "x").count() == 43200000);
  for (const char* bad : {"", "0", "-1s", "1w", "s", "1.5s", "99999999999999999999", "9999999d"}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_duration(bad, "x"), Failure);
  }
  Given given;
  given.flags = {{"--output", "xml"}};
  CHECK_THROWS_AS(settle(given), Failure);
  given.flags.clear();
  given.environment = {{"NEXUS_FORMAT", "jsonl"}};
  CHECK(settle(given).format == Format::jsonl);
}

TEST_CASE("tokens on a command line are known by their look", "[cli][settings]") {
  CHECK(looks_like_token("nxr_" + std::string(43, 'A')));
  CHECK(looks_like_token("--x=Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1X2EifQ.c2ln"));
  CHECK_FALSE(looks_like_token("nxr_short"));
  CHECK_FALSE(looks_like_token("eyJ.pdf"));
  CHECK_FALSE(looks_like_token("report.final.pdf"));
}

TEST_CASE("JSON is known to be wanted before argv is understood", "[cli][settings]") {
  const Environment none = [](const char*) { return std::nullopt; };
  CHECK(wants_json({"tenant", "-o", "json"}, none));
  CHECK(wants_json({"--output=jsonl"}, none));
  CHECK(wants_json({"-ojson"}, none));
  CHECK_FALSE(wants_json({"-o", "table"}, none));
  CHECK_FALSE(wants_json({"--", "-o", "json"}, none));
}

TEST_CASE("certificates and proxies: flag, then environment, then context", "[cli][settings]") {
  Given given;
  CHECK_FALSE(settle(given).cacert.has_value());
  CHECK_FALSE(settle(given).proxy.has_value());
  given.book = one_context();
  given.book.contexts["here"].cacert = "/ctx.pem";
  CHECK(settle(given).cacert->value == "/ctx.pem");
  given.environment = {{"NEXUS_CACERT", "/env.pem"}};
  CHECK(settle(given).cacert->source == "NEXUS_CACERT");
  given.flags = {{"--context", "here"}};
  CHECK(settle(given).cacert->value == "/ctx.pem");
  given.flags = {{"--cacert", "/flag.pem"}, {"--proxy", ""}};
  CHECK(settle(given).cacert->value == "/flag.pem");
  CHECK(settle(given).proxy == "");
}

TEST_CASE("a variable that was meant to be one of ours is named", "[cli][settings]") {
  CHECK(misspelt_variables({"NEXUS_ADDR", "NEXUS_ROOT_TOKEN_FILE", "NEXUS_CACERT", "NEXUS_USER", "NEXUSD_LISTEN",
                            "NEXUS_BIN_DIR", "PATH"})
            .empty());
  const auto told = misspelt_variables({"NEXUS_TENNANT", "NEXUS_CONFIGDIR"});
  REQUIRE(told.size() == 2);
  CHECK(told[0] == "NEXUS_TENNANT is no variable of nexusctl, and not used; did you mean NEXUS_TENANT?");
  CHECK(told[1].ends_with("did you mean NEXUS_CONFIG_DIR?"));
}

TEST_CASE("a value is printed as it is: no format stands beside --field on the line", "[cli][settings]") {
  Given given;
  given.flags = {{"--field", "a"}};
  given.environment = {{"NEXUS_FORMAT", "json"}};
  CHECK(settle(given).form == "--field");
  given.flags["--output"] = "json";
  CHECK_THROWS_AS(settle(given), Failure);
  given.flags = {{"--output", "json"}};
  CHECK(settle(given).form == "--output");
  given.flags = {};
  CHECK(settle(given).form.empty());
}
