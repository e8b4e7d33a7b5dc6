// Commands that are one request: declared by path and shape, not written. What needs more than that keeps a function of
// its own, and may use the parts.
//
//   .run = shows({.path = "/packs/{PACK_ID}"}, kPackShape)
//   .run = lists({.path = "/packs"}, kPackShape, {"--kind", {"--pinned", "pinned_only"}})
//   .run = sends({.method = "POST", .path = "/packs"}, kPackShape, texts({"TITLE", "--body"}))
//   .run = sends({.method = "PATCH", .path = "/packs/{PACK_ID}", .body = Json{{"status", "revoked"}}}, kPackShape)
//   .run = deletes({.path = "/packs/{PACK_ID}"}, "PACK_ID")
//
// Lists, and the commands that show or delete one thing, are declared as a whole:
//
//   list_command("list", "list packs", "nexusctl pack list --all", {.path = "/packs"}, kPackShape)
//   show_command("show a pack", "nexusctl pack show PACK_ID", {.path = "/packs/{PACK_ID}"}, kPackShape, {pack})
//   delete_command("delete a pack", "nexusctl pack delete PACK_ID", {.path = "/packs/{PACK_ID}"}, pack)
//
// A path names parameters of the command in braces; each becomes one encoded segment. `{tenant}` is the tenant of this
// run (--tenant, NEXUS_TENANT, the context). A parameter that a path needs and nobody gave is a usage error.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/engine/command.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

using Handler = std::function<int(Session&, const Values&)>;
using Body = std::function<Json(const Values&)>;

/// A parameter of the command and its name in the API. Without a name, --trace-id and TRACE_ID become `trace_id`.
struct Named {
  Named(const char* parameter_, std::string name_ = {});
  std::string parameter, name;
};
using Names = std::vector<Named>;

/// The path with the values of its parameters.
std::string path_of(const std::string& pattern, const Session& session, const Values& values);
/// Returns the request with its path filled, and a query parameter for each given name; a flag is `true`.
ApiRequest request_of(ApiRequest request, const Session& session, const Values& values, const Names& query = {});
/// The given texts, under the names of the API.
Json texts_of(const Values& values, const Names& names);

/// `more` first, then --limit, --cursor and --all.
std::vector<Parameter> list_parameters(std::vector<Parameter> more = {});

/// Asks for one page after the other from `request` on, until `take` returns false or the list ends. A cursor that
/// repeats is a Failure (server_error): it would loop for ever.
void each_page(Session& session, ApiRequest request, const std::function<bool(Json& page)>& take);

/// Reads one page, or with --all every page into one document whose next_cursor is null. Prints it and returns 0.
/// `list` is the answer's member that holds the items.
int print_pages(Session& session, const Values& values, ApiRequest request, const Shape& shape,
                const char* list = "items");

/// Prints one thing.
Handler shows(ApiRequest request, const Shape& shape, Names query = {});
/// Prints a list, one page or all; its parameters are list_parameters(). `list` is the answer's member with the items.
Handler lists(ApiRequest request, const Shape& shape, Names query = {}, const char* list = "items");
/// Prints the daemon's answer and its receipt. The body comes from `body`, or is in `request`.
Handler sends(ApiRequest request, const Shape& shape, Body body = {});
/// The same for an act that needs a reason, which the log keeps: --reason is sent as the body's `reason`. Without it, a
/// usage error offers `nexusctl COMMAND OF --reason TEXT`, with the value of the argument `of`.
Handler sends_reason(const std::string& command, const std::string& of, ApiRequest request, const Shape& shape);
/// The same where the answer is an object of things by name. People get a table: `shape` names the column of the names,
/// and then that of a thing that is a plain value.
Handler sends_map(ApiRequest request, const Shape& shape, Body body = {});
/// Sends a DELETE. Prints the value of the parameter `of` under its name, with the receipt of the answer. An answer
/// without a receipt is none of nexusd, and so a failure.
Handler deletes(ApiRequest request, Named of, Names query = {});

/// The body of `texts_of`.
Body texts(Names names);

/// A command that prints a list. Each of `filters` that the path does not name becomes a query parameter: under its
/// name in `renamed`, or else under its own.
Command list_command(std::string name, std::string summary, std::string example, ApiRequest request, const Shape& shape,
                     std::vector<Parameter> filters = {}, const Names& renamed = {});
/// The command `show`.
Command show_command(std::string summary, std::string example, ApiRequest request, const Shape& shape,
                     std::vector<Parameter> parameters);
/// The command `delete`, of the thing that the path names by `of`.
Command delete_command(std::string summary, std::string example, ApiRequest request, Parameter of);

}  // namespace nexus::cli
