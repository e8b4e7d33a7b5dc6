// nexusctl token: bearer tokens. The secret is in one answer only, the one that makes it.
#include "cli/engine/local_file.hpp"
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kTokenShape = {"token_id",
                           {"token_id", "user_id", "name", "actor_type", "role", "expires_at", "revoked_at"}};
const Shape kNewTokenShape = {"token_id", {"token_id", "user_id", "expires_at", "token"}};

Json create_body(const Values& values) {
  Json body = texts_of(values, {{"--user", "user_id"}, "--name", "--actor-type", "--role"});
  if (const auto ttl = values.find("--ttl")) body["ttl_seconds"] = parse_duration(*ttl, "--ttl").count() / 1000;
  if (const auto& tenants = values.list("--only-tenant"); !tenants.empty()) body["tenants"] = tenants;
  if (const auto& envs = values.list("--only-env"); !envs.empty()) body["envs"] = envs;
  return body;
}

int run_token_create(Session& session, const Values& values) {
  ApiRequest request{.method = "POST", .path = "/tokens", .body = create_body(values), .scope = Scope::identity};
  const auto path = values.find("--out");
  if (!path || session.prints_curl()) {
    session.print_answer(session.call(request), kNewTokenShape);
    session.note("the token is shown this once");
    return 0;
  }
  // Opened first: otherwise a token could be made whose secret cannot be stored.
  IncomingFile file(*path, values.given("--force"), 0600);
  Answer answer = session.call(request);
  const Json& secret = value_at(answer.json, "token");
  if (!secret.is_string()) throw Failure(Exit::server_error, "the daemon's answer lacks the token");
  file.write(secret.get<std::string>() + "\n");
  file.keep();
  if (*path == "-") return 0;
  answer.json.erase("token");  // the file has it; a second copy in a terminal's scrollback helps nobody
  session.print_answer(answer, kTokenShape);
  return 0;
}

/// Lists the caller's own tokens (the system role: all), or those that are for the tenant of this run alone.
const char* tokens_path(const Values& values) {
  if (!values.given("--of-tenant")) return "/tokens";
  if (values.given("--user")) throw usage_error("give --user or --of-tenant, not both");
  return "/tenants/{tenant}/tokens";
}

int run_token_list(Session& session, const Values& values) {
  return lists({.path = tokens_path(values), .scope = Scope::identity}, kTokenShape, {{"--user", "user_id"}})(session,
                                                                                                              values);
}

int run_token_revoke(Session& session, const Values& values) {
  const auto token_id = values.find("TOKEN_ID");
  if (token_id.has_value() == values.given("--user"))
    throw usage_error("give a TOKEN_ID, or --user for all tokens of a user");
  const std::string path = tokens_path(values);
  if (!token_id)
    return sends({.method = "DELETE", .path = "/users/{--user}/tokens", .scope = Scope::identity},
                 {"user_id", {"user_id", "revoked"}})(session, values);
  deletes({.path = path + "/{TOKEN_ID}", .scope = Scope::identity}, "TOKEN_ID")(session, values);
  session.note("token " + *token_id + " is revoked");
  return 0;
}

constexpr const char* kTokenDescription = R"(
Only the answer of `create` holds the secret; the daemon cannot show it again. Users make tokens for themselves, no
wider than the one they hold; the system token makes them for everybody.

A token can be narrowed to tenants, envs and a role, and to an agent. What has no env of its own, such as the members
of a tenant and its tokens, belongs to env prod: a token for dev alone does not reach it. A token is narrowed to
tenants of which its user is a member. It lists and revokes those tokens of its user that are no wider than itself; an
agent's token, only those of agents.

The system token and the keys that sign tokens are changed where the daemon runs, by `nexusd token rotate-root` and
`nexusd token rotate-signing`.

The owners and admins of a tenant list and revoke the tokens that are for that tenant alone, too (--of-tenant). The
tenant is that of --tenant, NEXUS_TENANT or the context. Tokens of members above oneself are not among them.)";

}  // namespace

Command token_command() {
  return {
      .name = "token",
      .topic = Topic::set_up,
      .summary = "bearer tokens: create, list, revoke",
      .description = kTokenDescription,
      .see_also = "nexusctl-login(1), nexusctl-user(1)",
      .example = "nexusctl token create --user USER_ID --ttl 12h --out ann.token",
      .commands =
          {
              {.name = "create",
               .summary = "make a token; its secret is shown once",
               .example = "nexusctl token create --user USER_ID --only-tenant TENANT_ID --only-env dev --ttl 7d --out "
                          "ci.token\n"
                          "nexusctl token create --user USER_ID --field token",
               .parameters =
                   {option("--user", "USER_ID", "whom it speaks for (yourself)"),
                    option("--ttl", "TIME", "how long it lives (12h)"), option("--name", "NAME", "to know it again"),
                    one_of({"human", "agent"}, option("--actor-type", "TYPE", "human or agent (human)")),
                    one_of({"viewer", "member", "admin", "owner"},
                           option("--role", "ROLE", "act with this role at most: viewer, member, admin or owner")),
                    repeated_option("--only-tenant", "TENANT_ID", "good for this tenant"),
                    one_of({"dev", "staging", "prod"},
                           repeated_option("--only-env", "ENV", "good for this env: dev, staging or prod")),
                    option("--out", "FILE", "write the secret to FILE (mode 0600) instead of showing it"),
                    flag("--force", "replace FILE; the token whose secret it holds goes on being valid")},
               .run = run_token_create},
              {.name = "list",
               .summary = "list tokens, without their secrets",
               .example = "nexusctl token list --all\n"
                          "nexusctl token list --of-tenant --tenant TENANT_ID --all",
               .parameters = list_parameters(
                   {option("--user", "USER_ID", "whose; the system role names others"),
                    flag("--of-tenant",
                         "those that are for the tenant alone, whoever's they are (owners and admins)")}),
               .run = run_token_list},
              {.name = "revoke",
               .summary = "make a token worthless, at once",
               .example = "nexusctl token revoke TOKEN_ID\n"
                          "nexusctl token revoke --user USER_ID",
               .parameters =
                   {optional_argument("TOKEN_ID", "the token's id, never the token itself"),
                    option("--user", "USER_ID",
                           "all tokens of this user, at once (the system role). Tokens that another issuer made "
                           "with a shared key are not known here: the system role revokes each of them by its id."),
                    flag("--of-tenant", "one that is for the tenant alone, whoever's it is")},
               .run = run_token_revoke},
          },
      .of_nexusd = {"rotate-root", "rotate-signing", "keys"}};
}

}  // namespace nexus::cli
