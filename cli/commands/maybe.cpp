// nexusctl maybe: what one keeps for perhaps.
#include "cli/engine/commands.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/text_argument.hpp"

namespace nexus::cli {
namespace {

const Shape kMaybeShape = {"item_id", {"item_id", "created_at", "title", "tags", "space", "pinned", "archived"}};

std::string path_of(const Values& values) { return "/maybes/items/" + segment(values.text("ITEM_ID")); }

/// The fields that options name.
Json fields_of(const Values& values) {
  Json body = Json::object();
  if (values.given("--body")) body["body"] = text_argument(values, "--body");
  if (values.given("--tag")) body["tags"] = values.list("--tag");
  for (const auto& [name, field] : {std::pair{"--space", "space"}, std::pair{"--source-type", "source_type"},
                                    std::pair{"--source-ref", "source_ref"}})
    if (const auto value = values.find(name)) body[field] = *value;
  return body;
}

int change(Session& session, const Values& values, const Json& body) {
  session.print_answer(session.call({.method = "PATCH", .path = path_of(values), .body = body}), kMaybeShape);
  return 0;
}

int run_create(Session& session, const Values& values) {
  Json body = fields_of(values);
  body["title"] = values.text("TITLE");
  if (values.given("--pinned")) body["pinned"] = true;
  session.print_answer(session.call({.method = "POST", .path = "/maybes/items", .body = body}), kMaybeShape);
  return 0;
}

int run_list(Session& session, const Values& values) {
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

int run_show(Session& session, const Values& values) {
  session.print_record(session.call({.path = path_of(values)}).json, kMaybeShape);
  return 0;
}

int run_edit(Session& session, const Values& values) {
  Json body = fields_of(values);
  if (const auto title = values.find("--title")) body["title"] = *title;
  for (const auto& [name, field, empty] :
       {std::tuple{"--no-tags", "tags", Json::array()}, std::tuple{"--no-space", "space", Json()},
        std::tuple{"--no-source-ref", "source_ref", Json()}})
    if (values.given(name)) body[field] = empty;
  if (body.empty()) throw usage_error("nothing to change was given");
  return change(session, values, body);
}

int run_delete(Session& session, const Values& values) {
  const Answer answer = session.call({.method = "DELETE", .path = path_of(values)});
  session.print_record({{"item_id", values.text("ITEM_ID")}}, {"item_id", {"item_id", "receipt.seq"}},
                       answer.receipt());
  return 0;
}

constexpr const char* kDescription = R"(
Only its creator and the admins see an item; for everybody else it does not exist. A search finds its text anywhere in
title or body, in any case; there are no wildcards. A list shows archived items only with --archived.)";

/// A command that sets one switch of an item.
Command switch_command(const char* name, const char* summary, const char* field, bool value) {
  return {.name = name,
          .summary = summary,
          .example = std::string("nexusctl maybe ") + name + " MAYBE_ID",
          .parameters = {argument("ITEM_ID", "the item")},
          .run = [field, value](Session& session, const Values& values) {
            return change(session, values, {{field, value}});
          }};
}

std::vector<Parameter> described(std::vector<Parameter> more) {
  std::vector<Parameter> all = {option("--body", "TEXT", "what it is about; - is standard input"),
                                repeated_option("--tag", "TAG", "to find it by"),
                                option("--space", "SPACE", "where it belongs"),
                                option("--source-type", "TYPE", "what it comes from (manual)"),
                                option("--source-ref", "TEXT", "which one of those")};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Command edit_command() {
  return {
      .name = "edit",
      .summary = "change an item; what is not named stays as it is",
      .example = "nexusctl maybe edit MAYBE_ID --title 'A tea house' --tag shop",
      .parameters = described({option("--title", "TITLE", "what people call it"),
                               flag("--no-tags", "take its tags away"), flag("--no-space", "take its space away"),
                               flag("--no-source-ref", "take its source_ref away"), argument("ITEM_ID", "the item")}),
      .run = run_edit};
}

}  // namespace

Command maybe_command() {
  const Parameter item = argument("ITEM_ID", "the item");
  return {.name = "maybe",
          .summary = "what you keep for perhaps",
          .description = kDescription,
          .see_also = "nexusctl-memory(1)",
          .example = "nexusctl maybe create 'A tea shop' --tag idea",
          .commands = {
              {.name = "create",
               .summary = "keep an item; you and the admins see it",
               .example = "nexusctl maybe create 'A tea shop' --tag idea --body 'Near the station.'",
               .parameters = described({flag("--pinned", "pin it"), argument("TITLE", "what people call it")}),
               .run = run_create},
              {.name = "list",
               .summary = "list your items, newest first; admins see everybody's",
               .example = "nexusctl maybe list --tag idea --search tea",
               .parameters = list_parameters(
                   {repeated_option("--tag", "TAG", "only with this tag, or another one named"),
                    option("--search", "TEXT", "only with this text in title or body"),
                    option("--space", "SPACE", "only of this space"), flag("--pinned", "only pinned ones"),
                    flag("--archived", "the archived ones instead")}),
               .run = run_list},
              {.name = "show",
               .summary = "show one item",
               .example = "nexusctl maybe show MAYBE_ID --field body",
               .parameters = {item},
               .run = run_show},
              edit_command(),
              switch_command("pin", "pin an item", "pinned", true),
              switch_command("unpin", "unpin an item", "pinned", false),
              switch_command("archive", "put an item out of sight", "archived", true),
              switch_command("unarchive", "bring an item back into sight", "archived", false),
              {.name = "delete",
               .summary = "delete an item and its texts",
               .example = "nexusctl maybe delete MAYBE_ID",
               .parameters = {item},
               .run = run_delete},
          }};
}

}  // namespace nexus::cli
