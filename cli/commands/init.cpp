// nexusctl init: a first customer in one go: tenant, user, membership, token, and a context that uses them. Each step
// looks first what is there, so that a second run goes on where one broke off, and a third changes nothing.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "cli/commands/system_token.hpp"
#include "cli/engine/local_file.hpp"
#include "cli/engine/one_request.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/shell.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

const Shape kInitShape = {
    "context",
    {"tenant_id", "user_id", "role", "context", "address", "env", "token_id", "expires_at", "made", "found", "next"}};
constexpr std::size_t kTokenFileBytesMax = 65536;

/// What a run is asked to bring about. It is read whole before the first request leaves.
struct Wish {
  std::string tenant_id, user_id, role;
  Json tenant, user, token;  // the bodies of the requests that make them
  Json named;                // what the options say of a new tenant and user, by the names of the API
  Context context;           // address, tenant and env
  std::string context_name;
  std::optional<std::string> file;  // for the token, beside the context
  bool replaces_file = false;
};

/// What came of it: the answer of the command.
struct Outcome {
  Json record;

  void step(const char* what, bool made) { record[made ? "made" : "found"].push_back(what); }
};

// ---- what is asked -------------------------------------------------------------------------------------------------

/// The env must be said: that of the context in force belongs to another tenant.
std::string env_for_new_context(const Session& session) {
  const auto& env = session.settings().env;
  if (!env || env->source.starts_with("context "))
    throw usage_error("for which env? there is no default", "nexusctl init TENANT_ID USER_ID --env dev");
  const auto known = parse_env(env->value);
  if (!known) throw usage_error("the env from " + env->source + " is not dev, staging or prod");
  return std::string(to_string(*known));
}

std::string context_name(const Values& values, const std::string& tenant_id) {
  const std::string name = values.find("--as").value_or(tenant_id.starts_with("t_") ? tenant_id.substr(2) : tenant_id);
  if (!is_client_id(name)) throw usage_error("a context's name is letters, digits, . _ -", "nexusctl init --help");
  return name;
}

Wish wish_of(const Session& session, const Values& values) {
  Wish wish;
  wish.tenant_id = values.text("TENANT_ID");
  wish.user_id = values.text("USER_ID");
  wish.role = values.find("--role").value_or("owner");
  wish.tenant = {{"tenant_id", wish.tenant_id}, {"name", values.find("--name").value_or(wish.tenant_id)}};
  wish.user = texts_of(values, {"--display-name", "--email"});
  wish.user["user_id"] = wish.user_id;
  wish.named = texts_of(values, {"--name", "--display-name", "--email"});
  wish.token = {{"user_id", wish.user_id}, {"name", "init"}};
  if (const auto ttl = values.find("--ttl")) wish.token["ttl_seconds"] = parse_duration(*ttl, "--ttl").count() / 1000;
  const auto& cacert = session.settings().cacert;
  wish.context = {.address = session.settings().server.value,
                  .tenant = wish.tenant_id,
                  .env = env_for_new_context(session),
                  .cacert = cacert ? std::filesystem::absolute(cacert->value).string() : std::string()};
  wish.context_name = context_name(values, wish.tenant_id);
  wish.file = values.find("--out");
  if (wish.file) wish.replaces_file = values.given("--force");
  return wish;
}

/// The same line for a context of another name. It says the role: without it, the user would become an owner.
std::string line_for_another_context(const Wish& wish) {
  return "nexusctl init " + shell_quote(wish.tenant_id) + " " + shell_quote(wish.user_id) + " --role " +
         shell_quote(wish.role) + " --as NAME";
}

/// A context of that name which leads elsewhere is somebody's, and stays.
void require_free_context(const ContextBook& book, const Wish& wish) {
  const auto found = book.contexts.find(wish.context_name);
  if (found == book.contexts.end()) return;
  const Context& there = found->second;
  if (there.address == wish.context.address && there.tenant == wish.context.tenant && there.env == wish.context.env)
    return;
  throw Failure(Exit::conflict,
                "there is a context " + wish.context_name + " for " + there.address + ", tenant " + there.tenant +
                    ", env " + there.env,
                line_for_another_context(wish));
}

// ---- the token that the context keeps ------------------------------------------------------------------------------

/// The token as the daemon made it, with what narrows it; nothing for one of another issuer.
std::optional<Json> find_made_token(Session& session, const Wish& wish, const Json& token_id) {
  std::optional<Json> found;
  const ApiRequest request = {
      .path = "/tokens", .query = {{"user_id", wish.user_id}, {"limit", "200"}}, .scope = Scope::identity};
  each_page(session, request, [&](Json& page) {
    for (const Json& item : page["items"])
      if (value_at(item, "token_id") == token_id) found = item;
    return !found;
  });
  return found;
}

/// What of the wish this token falls short of; empty where it reaches all of it.
std::string shortfall(const Json& token, const Wish& wish) {
  const auto leaves_out = [&](const char* list, const std::string& wanted) {
    const Json& only = value_at(token, list);
    return only.is_array() && std::ranges::none_of(only, [&](const Json& entry) { return entry == wanted; });
  };
  if (leaves_out("tenants", wish.tenant_id)) return "does not reach the tenant " + wish.tenant_id;
  if (leaves_out("envs", wish.context.env)) return "does not reach env " + wish.context.env;
  const auto most = find_text(token, "role");
  return most && parse_role(*most) < parse_role(wish.role) ? "has at most the role " + *most : "";
}

/// A token that falls short stays: somebody narrowed it on purpose.
void require_wide_token(Session& session, const Wish& wish, const Json& token_id) {
  const auto made = find_made_token(session, wish, token_id);
  if (!made)
    return session.note("whether the token that the context " + wish.context_name +
                        " keeps reaches all of this is not known: this daemon did not make it");
  if (const std::string lack = shortfall(*made, wish); !lack.empty())
    throw Failure(Exit::conflict,
                  "the token " + cell_text(token_id) + " that the context " + wish.context_name + " keeps " + lack,
                  line_for_another_context(wish));
}

/// What the daemon says of the token that the context keeps; nothing where it keeps none, or one that is not good any
/// more. Throws a Failure (conflict) for another user's token, and for one that is narrower than what is wished.
std::optional<Json> find_kept(Session& session, const Wish& wish) {
  // A token without a context is of an address that nobody knows.
  if (!session.contexts().load().contexts.contains(wish.context_name)) return std::nullopt;
  const auto token = session.contexts().token(wish.context_name);
  if (!token) return std::nullopt;
  const Answer me =
      session.attempt({.path = "/auth/me", .scope = Scope::open, .headers = {{"Authorization", "Bearer " + *token}}});
  if (me.status == 401) return std::nullopt;
  if (me.status != 200) throw refusal_of(me);
  if (const Json& owner = value_at(me.json, "user.user_id"); owner != wish.user_id)
    throw Failure(Exit::conflict, "the context " + wish.context_name + " keeps a token of " + cell_text(owner),
                  line_for_another_context(wish));
  const Json kept = value_at(me.json, "token");
  require_wide_token(session, wish, value_at(kept, "token_id"));
  return kept;
}

// ---- what is brought about -----------------------------------------------------------------------------------------

/// An option of a new thing changes nothing of one that is there, and whoever gave it would think otherwise.
void note_unused(Session& session, const Wish& wish, const Json& there, const std::string& what, const Names& options) {
  for (const auto& [option, name] : options)
    if (wish.named.contains(name) && value_at(there, name) != wish.named.at(name))
      session.note(option + " changes nothing: the " + what + " is there already");
}

/// What is at `path`; else makes it. Returns it, and whether it was made.
std::pair<Json, bool> found_or_made(Session& session, const std::string& path, const std::string& list,
                                    const Json& body) {
  const Answer there = session.attempt({.path = path, .scope = Scope::identity});
  if (there.status == 200) return {there.json, false};
  if (there.status != 404) throw refusal_of(there);
  return {session.call({.method = "POST", .path = list, .body = body, .scope = Scope::identity}).json, true};
}

bool make_tenant(Session& session, const Wish& wish) {
  const auto [tenant, made] = found_or_made(session, "/tenants/" + segment(wish.tenant_id), "/tenants", wish.tenant);
  if (const Json& status = value_at(tenant, "status"); status != "active")
    throw Failure(Exit::conflict, "the tenant " + wish.tenant_id + " is " + cell_text(status),
                  "nexusctl tenant enable " + shell_quote(wish.tenant_id));
  if (!made) note_unused(session, wish, tenant, "tenant " + wish.tenant_id, {"--name"});
  return made;
}

bool make_user(Session& session, const Wish& wish) {
  const auto [user, made] = found_or_made(session, "/users/" + segment(wish.user_id), "/users", wish.user);
  if (!made) note_unused(session, wish, user, "user " + wish.user_id, {"--display-name", "--email"});
  return made;
}

/// The role of a member; nothing for others.
std::optional<std::string> role_of_member(Session& session, const std::string& members, const std::string& user_id) {
  std::optional<std::string> role;
  each_page(session, {.path = members, .query = {{"limit", "200"}}, .scope = Scope::identity}, [&](Json& page) {
    for (const Json& member : page["items"])
      if (value_at(member, "user_id") == user_id) role = find_text(member, "role");
    return !role;
  });
  return role;
}

bool make_member(Session& session, const Wish& wish) {
  const std::string members = "/tenants/" + segment(wish.tenant_id) + "/members";
  const auto role = role_of_member(session, members, wish.user_id);
  if (role && role != wish.role)
    throw Failure(Exit::conflict, wish.user_id + " is " + *role + " of " + wish.tenant_id + " already",
                  "nexusctl member set " + shell_quote(wish.user_id) + " " + shell_quote(wish.role) + " --tenant " +
                      shell_quote(wish.tenant_id));
  if (role) return false;
  session.call({.method = "PUT",
                .path = members + "/" + segment(wish.user_id),
                .body = Json{{"role", wish.role}},
                .scope = Scope::identity,
                .headers = {{"X-Reason", session.settings().reason.value_or("first set-up")}}});
  return true;
}

bool make_context(Session& session, const Wish& wish) {
  bool made = false;
  session.contexts().change([&](ContextBook& book) {
    require_free_context(book, wish);
    made = !book.contexts.contains(wish.context_name);
    if (made) book.contexts[wish.context_name] = wish.context;
    if (book.current.empty()) book.current = wish.context_name;
  });
  return made;
}

/// Makes one where none is kept. The directory of contexts has been written to by then, so that the secret finds its
/// place.
bool make_token(Session& session, const Wish& wish, const std::optional<Json>& kept, Outcome& outcome) {
  if (kept) {
    outcome.record["token_id"] = value_at(*kept, "token_id");
    outcome.record["expires_at"] = value_at(*kept, "expires_at");
    if (wish.token.contains("ttl_seconds"))
      session.note("--ttl changes nothing: the token that the context " + wish.context_name + " keeps is good");
    return false;
  }
  const Json made =
      session.call({.method = "POST", .path = "/tokens", .body = wish.token, .scope = Scope::identity}).json;
  const auto secret = find_text(made, "token");
  if (!secret) throw Failure(Exit::server_error, "the daemon's answer lacks the token");
  session.contexts().keep_token(wish.context_name, *secret);
  outcome.record["token_id"] = value_at(made, "token_id");
  outcome.record["expires_at"] = value_at(made, "expires_at");
  return true;
}

// ---- the token's own file ------------------------------------------------------------------------------------------

bool holds_kept_token(const Session& session, const Wish& wish) {
  const auto kept = session.contexts().token(wish.context_name);
  return kept && trim_ascii(read_text(*wish.file, kTokenFileBytesMax)) == *kept;
}

/// Opened before anything is made: else a token could be made whose secret cannot be written. Nothing where no file is
/// asked for. A file that holds the kept token is ours and written anew: the token may not be good any more, and the
/// file may be open to others.
std::unique_ptr<IncomingFile> open_token_file(const Session& session, const Wish& wish) {
  if (!wish.file) return nullptr;
  std::error_code ignored;
  const bool ours = std::filesystem::is_regular_file(*wish.file, ignored) && holds_kept_token(session, wish);
  auto file = std::make_unique<IncomingFile>(*wish.file, wish.replaces_file || ours, 0600);
  if (file->direct()) session.require_no_form();
  return file;
}

int run_init(Session& session, const Values& values) {
  const Wish wish = wish_of(session, values);
  require_free_context(session.contexts().load(), wish);
  const auto file = open_token_file(session, wish);
  require_system_token(session, "nexusctl init TENANT_ID USER_ID --env ENV");
  const auto kept = find_kept(session, wish);
  Outcome outcome{{{"tenant_id", wish.tenant_id},
                   {"user_id", wish.user_id},
                   {"role", wish.role},
                   {"context", wish.context_name},
                   {"address", wish.context.address},
                   {"env", wish.context.env},
                   {"made", Json::array()},
                   {"found", Json::array()},
                   {"next", "nexusctl --context " + shell_quote(wish.context_name) + " status"}}};
  outcome.step("tenant", make_tenant(session, wish));
  outcome.step("user", make_user(session, wish));
  outcome.step("member", make_member(session, wish));
  outcome.step("context", make_context(session, wish));
  outcome.step("token", make_token(session, wish, kept, outcome));
  if (file) {
    file->write(session.contexts().token(wish.context_name).value_or("") + "\n");
    file->keep();
  }
  if (file && file->direct()) return 0;
  session.print_record(outcome.record, kInitShape);
  return 0;
}

constexpr const char* kInitDescription = R"(
It makes the tenant, the user, the membership and a token, and a context that holds address, tenant, env and token: what
`tenant create`, `user create`, `member set`, `token create`, `context set` and `login` do one by one. It wants the
system token, which `nexusd` writes to `root.token` in its data directory at its first start.

Each step looks first what is there. So a run that broke off is finished by the same line, and one more run changes
nothing; `made` and `found` say which was which. It makes a new token where the context keeps none that is good, since
nobody can read a token again.

It changes nothing that is there and differs: it says so, and ends with 7. That is a role, a tenant that is not active,
and a context of the name that leads elsewhere or keeps a good token which is another user's or narrowed to less than
is asked for: --as gives the new context a name of its own. An option for a new tenant, user or token changes nothing
of one that is there; a note says so.

The token is kept with the context, in a file of mode 0600, and not shown. --out writes it to a file of its own as
well, or with `-` to standard output in place of all else; FILE may hold the token of the context already. The context
becomes the current one if there is none.)";

}  // namespace

Command init_command() {
  return {.name = "init",
          .topic = Topic::set_up,
          .summary = "make a tenant, a user, a membership, a token and a context in one go",
          .description = kInitDescription,
          .see_also = "nexusctl-context(1), nexusctl-member(1), nexusctl-tenant(1), nexusctl-token(1), nexusd(8)",
          .example =
              "nexusctl init TENANT_ID USER_ID --env dev --token-file FILE\n"
              "nexusctl init TENANT_ID USER_ID --env prod --role admin --as acme --ttl 7d --token-file FILE",
          .parameters = {argument("TENANT_ID", "t_ and lower-case letters, digits, _ or -"),
                         argument("USER_ID", "u_ and the same"),
                         option("--role", "ROLE", "of the user in the tenant: viewer, member, admin, owner (owner)"),
                         option("--name", "NAME", "a new tenant's name for people (the id)"),
                         option("--display-name", "NAME", "a new user's name for people"),
                         option("--email", "ADDRESS", "a new user's address"),
                         option("--ttl", "TIME", "how long a new token lives (12h)"),
                         option("--as", "NAME", "the context's name (the tenant's id without t_)"),
                         option("--out", "FILE", "write the token to FILE too (mode 0600); to standard output for -"),
                         flag("--force", "replace FILE")},
          .run = run_init,
          .beyond_curl = "makes several things, and keeps the token on this machine"};
}

}  // namespace nexus::cli
