// nexusctl maybe: things that a user keeps for later.
#include "daemon/maybes/maybe.hpp"
#include "cli/engine/model_options.hpp"

namespace nexus::cli {
namespace {

const Shape kMaybeShape = {"item_id", {"item_id", "created_at", "title", "tags", "space", "pinned", "archived"}};

constexpr auto& kMaybeFields = model::specs_of<maybes::kMaybe>;
const ApiRequest kMaybeChange = {.method = "PATCH", .path = "/maybes/items/{ITEM_ID}"};

int run_maybe_list(Session& session, const Values& values) {
  ApiRequest request = request_of({.path = "/maybes/items"}, session, values,
                                  {{"--search", "search_text"}, "--space", {"--pinned", "pinned_only"}, "--archived"});
  std::string tags;
  for (const auto& tag : values.list("--tag")) tags += (tags.empty() ? "" : ",") + tag;
  if (!tags.empty()) request.query.emplace_back("tags_any", tags);
  return print_pages(session, values, std::move(request), kMaybeShape);
}

Json maybe_changes(const Values& values) {
  Json body = body_of(values, kMaybeFields, Options::edit, {"pinned", "archived"});
  if (body.empty()) throw usage_error("nothing to change was given");
  return body;
}

constexpr const char* kMaybeDescription = R"(
Only its creator and the admins see an item; for everybody else it does not exist. A search finds its text anywhere in
title or body, in any case; there are no wildcards. A list shows archived items only with --archived.)";

/// Makes a command that sets one switch of an item.
Command maybe_switch_command(const char* name, const char* summary, const char* field, bool value) {
  ApiRequest change = kMaybeChange;
  change.body = Json{{field, value}};
  return {.name = name,
          .summary = summary,
          .example = std::string("nexusctl maybe ") + name + " MAYBE_ID",
          .parameters = {argument("ITEM_ID", "the item")},
          .run = sends(std::move(change), kMaybeShape)};
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
              creates({.name = "create",
                       .summary = "keep an item; you and the admins see it",
                       .example = "nexusctl maybe create 'A tea shop' --tag idea --body 'Near the station.'"},
                      kMaybeFields, {.method = "POST", .path = "/maybes/items"}, kMaybeShape,
                      {{"title", "TITLE"}, "archived"}, {argument("TITLE", "what people call it")}),
              {.name = "list",
               .summary = "list your items, newest first; admins see everybody's",
               .example = "nexusctl maybe list --tag idea --search tea",
               .parameters = list_parameters(
                   {repeated_option("--tag", "TAG", "only with this tag, or another one named"),
                    option("--search", "TEXT", "only with this text in title or body"),
                    option("--space", "SPACE", "only of this space"), flag("--pinned", "only pinned ones"),
                    flag("--archived", "the archived ones instead")}),
               .run = run_maybe_list},
              show_command("show one item", "nexusctl maybe show MAYBE_ID --field body",
                           {.path = "/maybes/items/{ITEM_ID}"}, kMaybeShape, {item}),
              {.name = "edit",
               .summary = "change an item; what is not named stays as it is",
               .example = "nexusctl maybe edit MAYBE_ID --title 'A tea house' --tag shop",
               .parameters = options_of(kMaybeFields, Options::edit, {"pinned", "archived"}, {item}),
               .run = sends(kMaybeChange, kMaybeShape, maybe_changes)},
              maybe_switch_command("pin", "pin an item", "pinned", true),
              maybe_switch_command("unpin", "unpin an item", "pinned", false),
              maybe_switch_command("archive", "put an item out of sight", "archived", true),
              maybe_switch_command("unarchive", "bring an item back into sight", "archived", false),
              delete_command("delete an item and its texts", "nexusctl maybe delete MAYBE_ID",
                             {.path = "/maybes/items/{ITEM_ID}"}, item),
          }};
}

}  // namespace nexus::cli
