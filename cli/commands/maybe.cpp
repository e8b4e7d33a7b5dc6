// nexusctl maybe: what one keeps for perhaps.
#include "daemon/maybes/maybe.hpp"
#include "cli/engine/command.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/model_options.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {
namespace {

const Shape kMaybeShape = {"item_id", {"item_id", "created_at", "title", "tags", "space", "pinned", "archived"}};

std::string maybe_path_of(const Values& values) { return "/maybes/items/" + segment(values.text("ITEM_ID")); }

constexpr auto kMaybeFields = maybes::kMaybe.specs();

int maybe_change(Session& session, const Values& values, const Json& body) {
  session.print_answer(session.call({.method = "PATCH", .path = maybe_path_of(values), .body = body}), kMaybeShape);
  return 0;
}

int run_maybe_create(Session& session, const Values& values) {
  Json body = body_of(values, kMaybeFields, Options::create, {"title", "archived"});
  body["title"] = values.text("TITLE");
  session.print_answer(session.call({.method = "POST", .path = "/maybes/items", .body = body}), kMaybeShape);
  return 0;
}

int run_maybe_list(Session& session, const Values& values) {
  ApiRequest request{.path = "/maybes/items"};
  std::string tags;
  for (const auto& tag : values.list("--tag")) tags += (tags.empty() ? "" : ",") + tag;
  if (!tags.empty()) request.query.emplace_back("tags_any", tags);
  if (const auto text = values.find("--search")) request.query.emplace_back("search_text", *text);
  if (const auto space = values.find("--space")) request.query.emplace_back("space", *space);
  if (values.given("--pinned")) request.query.emplace_back("pinned_only", "true");
  if (values.given("--archived")) request.query.emplace_back("archived", "true");
  return print_pages(session, values, std::move(request), kMaybeShape);
}

int run_maybe_show(Session& session, const Values& values) {
  session.print_record(session.call({.path = maybe_path_of(values)}).json, kMaybeShape);
  return 0;
}

int run_maybe_edit(Session& session, const Values& values) {
  const Json body = body_of(values, kMaybeFields, Options::edit, {"pinned", "archived"});
  if (body.empty()) throw usage_error("nothing to change was given");
  return maybe_change(session, values, body);
}

int run_maybe_delete(Session& session, const Values& values) {
  const Answer answer = session.call({.method = "DELETE", .path = maybe_path_of(values)});
  session.print_record({{"item_id", values.text("ITEM_ID")}}, {"item_id", {"item_id", "receipt.seq"}},
                       answer.receipt());
  return 0;
}

constexpr const char* kMaybeDescription = R"(
Only its creator and the admins see an item; for everybody else it does not exist. A search finds its text anywhere in
title or body, in any case; there are no wildcards. A list shows archived items only with --archived.)";

/// A command that sets one switch of an item.
Command maybe_switch_command(const char* name, const char* summary, const char* field, bool value) {
  return {.name = name,
          .summary = summary,
          .example = std::string("nexusctl maybe ") + name + " MAYBE_ID",
          .parameters = {argument("ITEM_ID", "the item")},
          .run = [field, value](Session& session, const Values& values) {
            return maybe_change(session, values, {{field, value}});
          }};
}

/// The fields of a maybe as options, and the argument that the command takes.
std::vector<Parameter> with_maybe_fields(Options which, std::initializer_list<std::string_view> except,
                                         Parameter more) {
  auto all = options_of(kMaybeFields, which, except);
  all.push_back(std::move(more));
  return all;
}

}  // namespace

Command maybe_command() {
  const Parameter item = argument("ITEM_ID", "the item");
  return {.name = "maybe",
          .topic = Topic::files_and_texts,
          .summary = "what you keep for perhaps",
          .description = kMaybeDescription,
          .see_also = "nexusctl-memory(1)",
          .example = "nexusctl maybe create 'A tea shop' --tag idea",
          .commands = {
              {.name = "create",
               .summary = "keep an item; you and the admins see it",
               .example = "nexusctl maybe create 'A tea shop' --tag idea --body 'Near the station.'",
               .parameters =
                   with_maybe_fields(Options::create, {"title", "archived"}, argument("TITLE", "what people call it")),
               .run = run_maybe_create},
              {.name = "list",
               .summary = "list your items, newest first; admins see everybody's",
               .example = "nexusctl maybe list --tag idea --search tea",
               .parameters = list_parameters(
                   {repeated_option("--tag", "TAG", "only with this tag, or another one named"),
                    option("--search", "TEXT", "only with this text in title or body"),
                    option("--space", "SPACE", "only of this space"), flag("--pinned", "only pinned ones"),
                    flag("--archived", "the archived ones instead")}),
               .run = run_maybe_list},
              {.name = "show",
               .summary = "show one item",
               .example = "nexusctl maybe show MAYBE_ID --field body",
               .parameters = {item},
               .run = run_maybe_show},
              {.name = "edit",
               .summary = "change an item; what is not named stays as it is",
               .example = "nexusctl maybe edit MAYBE_ID --title 'A tea house' --tag shop",
               .parameters = with_maybe_fields(Options::edit, {"pinned", "archived"}, item),
               .run = run_maybe_edit},
              maybe_switch_command("pin", "pin an item", "pinned", true),
              maybe_switch_command("unpin", "unpin an item", "pinned", false),
              maybe_switch_command("archive", "put an item out of sight", "archived", true),
              maybe_switch_command("unarchive", "bring an item back into sight", "archived", false),
              {.name = "delete",
               .summary = "delete an item and its texts",
               .example = "nexusctl maybe delete MAYBE_ID",
               .parameters = {item},
               .run = run_maybe_delete},
          }};
}

}  // namespace nexus::cli
