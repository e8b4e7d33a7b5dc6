#include "cli/engine/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "cli/engine/failure.hpp"
#include "daemon/base/nearest.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

std::optional<Sourced> first_of(const Values& flags, const char* flag, const Environment& environment,
                                const char* variable) {
  if (auto value = flags.find(flag)) return Sourced{*value, flag};
  auto value = environment(variable);
  if (!value) return std::nullopt;
  if (!is_utf8(*value)) throw usage_error(std::string(variable) + " is not UTF-8");
  return Sourced{*value, variable};
}

const std::map<std::string_view, Format> kFormats = {
    {"table", Format::table}, {"json", Format::json}, {"jsonl", Format::jsonl}, {"yaml", Format::yaml},
    {"name", Format::name},   {"tsv", Format::tsv},   {"csv", Format::csv}};

Format parse_format(const Sourced& asked) {
  if (const auto it = kFormats.find(asked.value); it != kFormats.end()) return it->second;
  throw usage_error(asked.source + " wants one of table, json, jsonl, yaml, name, tsv, csv; a file to write is " +
                        "--output-file FILE or --out FILE, as the command's help says",
                    "nexusctl --help");
}

// The context in force. A named context must exist; otherwise a typing error would send a command elsewhere.
std::optional<Sourced> choose_context(std::optional<Sourced> asked, const ContextBook& book) {
  if (!asked && !book.current.empty()) asked = Sourced{book.current, "config.toml"};
  if (!asked || book.contexts.contains(asked->value)) return asked;
  const std::string detail = "there is no context \"" + asked->value + "\" (from " + asked->source + ")";
  if (asked->source == "--context") throw usage_error(detail, "nexusctl context list");
  throw usage_error(detail, "nexusctl context use NAME --context NAME");
}

TokenPlace find_token(const Values& flags, const Environment& environment, const Settings& settings,
                      const Context* context) {
  if (auto path = flags.find("--token-file")) return {TokenPlace::Kind::file, *path, "--token-file"};
  if (auto token = environment("NEXUS_TOKEN")) return {TokenPlace::Kind::environment, *token, "NEXUS_TOKEN"};
  if (auto path = environment("NEXUS_TOKEN_FILE")) return {TokenPlace::Kind::file, *path, "NEXUS_TOKEN_FILE"};
  if (!context || context->address.empty()) return {};
  const std::string source = "context " + settings.context;
  const auto theirs = parse_url(context->address);
  const auto ours = parse_url(settings.server.value);
  const bool same = theirs && ours && theirs->origin() == ours->origin();
  return {same ? TokenPlace::Kind::context : TokenPlace::Kind::wrong_server, settings.context, source};
}

}  // namespace

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
  };
}

std::vector<std::string> misspelt_variables(const std::vector<std::string>& names) {
  static const std::string kPrefix = "NEXUS_";
  static const std::vector<std::string> kKnown = {"ADDR",      "CACERT", "CONFIG_DIR", "CONTEXT",         "ENV",
                                                  "FORMAT",    "RUN_ID", "TENANT",     "ROOT_TOKEN_FILE", "TOKEN",
                                                  "TOKEN_FILE"};
  std::vector<std::string> told;
  for (const std::string& name : names) {
    if (!name.starts_with(kPrefix)) continue;
    const std::string own = name.substr(kPrefix.size());
    if (std::find(kKnown.begin(), kKnown.end(), own) != kKnown.end()) continue;
    if (const auto near = nearest(own, kKnown))
      told.push_back(name + " is no variable of nexusctl, and not used; did you mean " + kPrefix + *near + "?");
  }
  return told;
}

std::vector<Parameter> global_parameters() {
  return {
      option("--context", "NAME", "the context to use, whole: NEXUS_* is not looked at [NEXUS_CONTEXT]"),
      option("--server", "URL", "the daemon's address [NEXUS_ADDR; http://127.0.0.1:7700]"),
      option("--token-file", "FILE",
             "read the token from FILE; from the first line of standard input for - [NEXUS_TOKEN, NEXUS_TOKEN_FILE]"),
      option("--tenant", "TENANT_ID", "the tenant to act in [NEXUS_TENANT]"),
      one_of({"dev", "staging", "prod"}, option("--env", "ENV", "dev, staging or prod [NEXUS_ENV]")),
      option("--run", "RUN_ID", "the run that this belongs to [NEXUS_RUN_ID]; nexusctl-runs(1) ignores it"),
      option(
          "--reason", "TEXT",
          "why, for the audit log: the system token must say it, and what keeps a reason shows it; a note says where "
          "it is not kept"),
      one_of({"table", "json", "jsonl", "yaml", "name", "tsv", "csv"},
             option("-o,--output", "FORMAT", "table, json, jsonl, yaml, name, tsv or csv [NEXUS_FORMAT]")),
      option("--field", "PATH", "print one field, raw (a.b, items.0.asset_id)"),
      repeatable(option("--idempotency-key", "KEY",
                        "make what adds something safe to repeat; a lost answer is then asked for again. A command "
                        "that adds nothing refuses it.")),
      option(
          "--timeout", "TIME",
          "how long it may take in all, except streams (30s for each answer). Without it, a file in transit takes its "
          "time: only 30 s of silence end it."),
      option("--cacert", "FILE", "certificates (PEM) to trust beside the system's [NEXUS_CACERT]"),
      option("--proxy", "URL", "the proxy to go through; '' for none [HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY]"),
      one_of({"curl"}, option("--print", "curl",
                              "print each request as a curl line instead of doing it. Requests whose answers such a "
                              "line needs are done; a "
                              "command that no line can stand for is an error that says why.")),
      flag("-q,--quiet", "no progress and no notes, except that a list was cut or that others can read a token file"),
      flag("-v,--verbose", "tell every request on stderr"),
      flag("--no-color", "no colours [NO_COLOR]"),
  };
}

Settings resolve(const Values& flags, const Environment& environment, const ContextBook& book) {
  Settings settings;
  if (const auto chosen = choose_context(first_of(flags, "--context", environment, "NEXUS_CONTEXT"), book)) {
    settings.context = chosen->value;
    settings.context_source = chosen->source;
  }
  const Environment nothing = [](const char*) { return std::nullopt; };
  const Environment& place = settings.by_context_alone() ? nothing : environment;
  const Context* context = settings.context.empty() ? nullptr : &book.contexts.at(settings.context);
  const auto from_context = [&](std::optional<Sourced> found, const std::string Context::*member) {
    if (!found && context && !(context->*member).empty()) found = {context->*member, "context " + settings.context};
    return found;
  };
  settings.server = from_context(first_of(flags, "--server", place, "NEXUS_ADDR"), &Context::address)
                        .value_or(Sourced{"http://127.0.0.1:7700", "default"});
  settings.tenant = from_context(first_of(flags, "--tenant", place, "NEXUS_TENANT"), &Context::tenant);
  settings.env = from_context(first_of(flags, "--env", place, "NEXUS_ENV"), &Context::env);
  settings.run = first_of(flags, "--run", environment, "NEXUS_RUN_ID");
  settings.cacert = from_context(first_of(flags, "--cacert", place, "NEXUS_CACERT"), &Context::cacert);
  settings.proxy = flags.find("--proxy");
  settings.token = find_token(flags, place, settings, context);
  if (auto asked = first_of(flags, "--output", environment, "NEXUS_FORMAT")) settings.format = parse_format(*asked);
  settings.field = flags.find("--field");
  settings.form = flags.given("--output") ? "--output" : settings.field ? "--field" : "";
  if (settings.field && flags.given("--output"))
    throw usage_error("--output has no effect beside --field, which prints the value as it is: leave one of them out");
  settings.reason = flags.find("--reason");
  settings.idempotency_key = flags.find("--idempotency-key");
  if (auto text = flags.find("--timeout")) settings.timeout = parse_duration(*text, "--timeout");
  settings.quiet = flags.given("--quiet");
  settings.verbose = flags.given("--verbose");
  settings.colour = !flags.given("--no-color") && !environment("NO_COLOR");
  if (auto print = flags.find("--print")) {
    if (*print != "curl") throw usage_error("--print knows one form: curl", "nexusctl --help");
    settings.print_curl = true;
  }
  for (const char* name : {"--context", "--server", "--cacert", "--proxy", "--token-file", "--tenant", "--env"})
    if (const auto value = flags.find(name)) settings.typed.emplace_back(name, *value);
  return settings;
}

std::filesystem::path config_directory(const Environment& environment) {
  if (auto directory = environment("NEXUS_CONFIG_DIR")) return *directory;
  if (auto base = environment("XDG_CONFIG_HOME")) return std::filesystem::path(*base) / "nexus";
  if (auto home = environment("HOME")) return std::filesystem::path(*home) / ".config" / "nexus";
  throw usage_error("no place for contexts: neither NEXUS_CONFIG_DIR nor HOME is set");
}

Url parse_address(std::string_view text, std::string_view source) {
  auto url = parse_url(text);
  if (!url || url->target.find('?') != std::string::npos)
    throw usage_error("the address from " + std::string(source) +
                      " is not an http:// or https:// URL such as http://127.0.0.1:7700");
  while (url->target.ends_with('/')) url->target.pop_back();
  return *url;
}

std::optional<std::chrono::milliseconds> find_duration(const std::string& text) {
  static const std::map<std::string, long long> kUnits = {{"", 1000},    {"ms", 1},        {"s", 1000},
                                                          {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  long long count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  const auto unit = kUnits.find(std::string(stop, end));
  constexpr long long kMost = 10LL * 365 * 86'400'000;
  if (error != std::errc() || unit == kUnits.end() || count <= 0 || count > kMost / unit->second) return std::nullopt;
  return std::chrono::milliseconds(count * unit->second);
}

std::chrono::milliseconds parse_duration(const std::string& text, const std::string& what) {
  const auto duration = find_duration(text);
  if (!duration) throw usage_error(what + " wants a time such as 500ms, 10s, 5m, 12h or 7d");
  return *duration;
}

bool is_format(std::string_view word) { return kFormats.contains(word); }

bool wants_json(const std::vector<std::string>& argv, const Environment& environment) {
  std::string format = environment("NEXUS_FORMAT").value_or("");
  for (std::size_t i = 0; i < argv.size(); ++i) {
    const std::string& word = argv[i];
    if (word == "--") break;
    if ((word == "-o" || word == "--output") && i + 1 < argv.size())
      format = argv[i + 1];
    else if (word.starts_with("--output="))
      format = word.substr(9);
    else if (word.starts_with("-o") && word.size() > 2)
      format = word.substr(word[2] == '=' ? 3 : 2);
  }
  return format == "json" || format == "jsonl";
}

bool looks_like_token(std::string_view text) {
  const auto run_at = [&](std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && is_alphanumeric(text.substr(end, 1), "-_")) ++end;
    return end - from;
  };
  if (const auto at = text.find(kSystemTokenPrefix); at != std::string_view::npos && run_at(at) >= 20) return true;
  const auto at = text.find("eyJ");  // base64url of `{"`, which every JWT begins with
  if (at == std::string_view::npos) return false;
  const std::size_t head = run_at(at);
  const std::size_t dot = at + head;
  return head >= 10 && dot < text.size() && text[dot] == '.' && run_at(dot + 1) >= 10;
}

}  // namespace nexus::cli
