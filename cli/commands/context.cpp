// nexusctl context and login: named servers, tenants and envs, and the tokens kept for them.
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "cli/engine/session.hpp"
#include "cli/engine/token_file.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/shell.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

const Shape kContextShape = {"name", {"name", "current", "address", "tenant", "env", "cacert", "token"}};

Json record_of(Session& session, const ContextBook& book, const std::string& name) {
  const Context& context = book.contexts.at(name);
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  return {{"name", name},
          {"current", name == book.current},
          {"address", text(context.address)},
          {"tenant", text(context.tenant)},
          {"env", text(context.env)},
          {"cacert", text(context.cacert)},
          {"token", session.contexts().token(name) ? "kept" : "none"}};
}

void require_context(const ContextBook& book, const std::string& name) {
  if (!book.contexts.contains(name)) throw usage_error("there is no context \"" + name + "\"", "nexusctl context list");
}

// The context that a command means when it names none: the one in force, else the current one.
std::string named_or_current(Session& session, const Values& values, const ContextBook& book) {
  std::string name = values.find("NAME").value_or(session.settings().context);
  if (name.empty()) throw usage_error("there is no current context", "nexusctl context set NAME --server URL");
  require_context(book, name);
  return name;
}

int run_context_list(Session& session, const Values&) {
  const ContextBook book = session.contexts().load();
  Json items = Json::array();
  for (const auto& [name, context] : book.contexts) items.push_back(record_of(session, book, name));
  session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, kContextShape);
  return 0;
}

int run_context_show(Session& session, const Values& values) {
  const ContextBook book = session.contexts().load();
  session.print_record(record_of(session, book, named_or_current(session, values, book)), kContextShape);
  return 0;
}

void warn_about_plain_http(Session& session, const std::string& address) {
  const auto url = parse_url(address);
  if (url && !url->secure && !url->loopback()) session.note("tokens go to " + url->origin() + " without encryption");
}

int run_context_set(Session& session, const Values& values) {
  const auto server = values.find("--server");
  const auto tenant = values.find("--tenant");
  const auto env = values.find("--env");
  const auto cacert = values.find("--cacert");
  const std::string current = session.settings().context;
  const std::string name = values.find("NAME").value_or(current.empty() ? "default" : current);
  if (!is_client_id(name)) throw usage_error("a context's name is letters, digits, . _ -");
  if (!server && !tenant && !env && !cacert) {
    throw usage_error("nothing to set",
                      "nexusctl context set " + shell_quote(name) + " --server URL --tenant TENANT_ID --env ENV");
  }
  if (server && !server->empty()) parse_address(*server, "--server");
  bool moved = false;
  session.contexts().change([&](ContextBook& book) {
    Context& context = book.contexts[name];
    moved = server && context.address != *server;
    if (server) context.address = *server;
    if (tenant) context.tenant = *tenant;
    if (env) context.env = *env;
    // A context is used from any directory.
    if (cacert) context.cacert = cacert->empty() ? "" : std::filesystem::absolute(*cacert).string();
    if (book.current.empty()) book.current = name;
  });
  // A token belongs to the server that made it.
  if (moved && session.contexts().forget_token(name))
    session.note("the token of " + name + " was for another server: forgotten");
  if (server) warn_about_plain_http(session, *server);
  session.print_record(record_of(session, session.contexts().load(), name), kContextShape);
  return 0;
}

int run_use(Session& session, const Values& values) {
  const std::string name = values.text("NAME");
  session.contexts().change([&](ContextBook& book) {
    require_context(book, name);
    book.current = name;
  });
  session.print_record(record_of(session, session.contexts().load(), name), kContextShape);
  return 0;
}

int run_context_remove(Session& session, const Values& values) {
  const std::string name = values.text("NAME");
  bool found = false;
  session.contexts().change([&](ContextBook& book) {
    found = book.contexts.erase(name) > 0;
    if (book.current == name) book.current.clear();
  });
  session.contexts().forget_token(name);
  session.note(found ? "removed " + name + "; revoke its token if nobody needs it" : "there was no context " + name);
  return 0;
}

// Reads a line from standard input; on a terminal without echo.
std::string read_secret() {
  const bool terminal = ::isatty(STDIN_FILENO) == 1;
  termios before{};
  if (terminal && ::tcgetattr(STDIN_FILENO, &before) == 0) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::cerr << "token: " << std::flush;
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << "\n";
  }
  return std::string(trim_ascii(line));
}

int run_login(Session& session, const Values&) {
  const Settings& settings = session.settings();
  const ContextBook book = session.contexts().load();
  const std::string name = settings.context.empty() ? "default" : settings.context;
  const auto existing = book.contexts.find(name);
  const bool elsewhere = existing != book.contexts.end() && !existing->second.address.empty() &&
                         existing->second.address != settings.server.value;
  if (elsewhere) {
    throw usage_error("context " + name + " is for " + existing->second.address + ", not for " + settings.server.value,
                      "nexusctl context set NAME --server " + shell_quote(settings.server.value));
  }
  const std::string token = read_secret();
  if (token.empty()) throw usage_error("standard input holds no token", "nexusctl login < FILE");
  checked(token, "the token on standard input");
  const Json me = session
                      .call({.path = "/auth/me",
                             .scope = Scope::open,
                             .headers = {{"Authorization", "Bearer " + token}},
                             .preliminary = true})
                      .json;
  session.contexts().change([&](ContextBook& changed) {
    changed.contexts[name].address = settings.server.value;
    if (changed.current.empty()) changed.current = name;
  });
  session.contexts().keep_token(name, token);
  warn_about_plain_http(session, settings.server.value);
  session.note("the token is kept for context " + name);
  session.print_record(me, {"user.user_id",
                            {"user.user_id", "user.email", "token.expires_at", "memberships"},
                            {{"memberships", {"tenant_id", "role", "since"}}}});
  return 0;
}

constexpr const char* kContextDescription = R"(
A context is a name for an address, a tenant, an env and a file of trusted certificates, kept in `config.toml`. Its
token is kept apart, in `tokens.toml`, which must be private (mode 0600). nexusctl sends the token only to the address
of the context: with another --server, and after the address was changed, it does not use it.

With --context a command uses that context as a whole: it ignores NEXUS_ADDR, NEXUS_TOKEN, NEXUS_TOKEN_FILE,
NEXUS_TENANT, NEXUS_ENV and NEXUS_CACERT. The current context, and one that NEXUS_CONTEXT names, give what neither a
flag nor a variable gives. An unknown key in `config.toml`, and a current context that does not exist, are errors that
name the line.)";

constexpr const char* kContextSetDescription = R"(
An empty value (`--tenant ''`) removes a setting. The first context made becomes the current one.)";

constexpr const char* kLoginDescription = R"(
It reads one token from standard input, without showing it on a terminal, asks the daemon whose it is, and keeps it
for the context in force, or for a new context named `default`. It does not keep a token that the daemon refuses.
There is no way to give a token on the command line.)";

}  // namespace

Command context_command() {
  const Parameter optional_name = optional_argument("NAME", "the context (the current one)");
  const Parameter name = argument("NAME", "the context");
  const std::string here = "talks to no daemon";
  return {.name = "context",
          .topic = Topic::first_job,
          .summary = "named places to talk to: address, tenant, env and trusted certificates",
          .description = kContextDescription,
          .see_also = "nexusctl-login(1)",
          .example = "nexusctl context set acme-dev --server http://127.0.0.1:7700 --tenant TENANT_ID --env dev",
          .commands = {
              {.name = "list",
               .summary = "list the contexts",
               .example = "nexusctl context list",
               .run = run_context_list,
               .beyond_curl = here},
              {.name = "show",
               .summary = "show one context",
               .example = "nexusctl context show",
               .parameters = {optional_name},
               .run = run_context_show,
               .beyond_curl = here},
              {.name = "set",
               .summary = "make or change a context, from --server, --tenant, --env and --cacert",
               .description = kContextSetDescription,
               .example = "nexusctl context set acme-dev --tenant TENANT_ID --env dev",
               .parameters = {optional_name},
               .run = run_context_set,
               .beyond_curl = here},
              {.name = "use",
               .summary = "make a context the current one",
               .example = "nexusctl context use acme-prod",
               .parameters = {name},
               .run = run_use,
               .beyond_curl = here},
              {.name = "remove",
               .summary = "forget a context and its token",
               .example = "nexusctl context remove acme-dev",
               .parameters = {name},
               .run = run_context_remove,
               .beyond_curl = here},
          }};
}

Command login_command() {
  return {.name = "login",
          .topic = Topic::first_job,
          .summary = "read a token from standard input, check it, keep it for the context",
          .description = kLoginDescription,
          .see_also = "nexusctl-context(1), nexusctl-token(1)",
          .example = "nexusctl login --context acme-dev < FILE",
          .run = run_login,
          .beyond_curl = "keeps the token on this machine"};
}

}  // namespace nexus::cli
