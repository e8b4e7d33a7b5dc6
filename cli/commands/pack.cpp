// nexusctl pack: influence packs, each a search result kept as it was at one moment.
#include "cli/commands/search.hpp"
#include "cli/engine/command.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/one_request.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {
namespace {

const Shape kPackShape = {
    "pack_id", {"pack_id", "query.query_text", "metadata.result_count", "card_refs", "created_at", "created_by"}};

const Shape kPackListShape = {"pack_id",
                              {"pack_id", "query.query_text", "metadata.result_count", "created_at", "created_by"}};

constexpr const char* kOnePack = "/nexus/influence-pack/{PACK_ID}";

constexpr const char* kPackDescription = R"(
An influence pack is what a search found at one moment, kept under an id: the query, and for each card its id, its
score and an excerpt. A pack never changes, with one exception: when a card is deleted, its excerpt is deleted with it
and becomes `null`.)";

}  // namespace

Command pack_command() {
  const Parameter pack = argument("PACK_ID", "the pack");
  return {.name = "pack",
          .topic = Topic::files_and_texts,
          .summary = "influence packs: keep what a search finds",
          .description = kPackDescription,
          .see_also = "nexusctl-search(1)",
          .example = "nexusctl pack create launch plan --top 5",
          .commands = {
              {.name = "create",
               .summary = "search, and keep what is found under an id",
               .description = "A query is written as for nexusctl-search(1).",
               .example = "nexusctl pack create launch plan --top 5",
               .parameters = search_parameters(),
               .run = sends({.method = "POST", .path = "/nexus/influence-pack"}, kPackShape,
                            [](const Values& values) {
                              return Json{{"query", search_query(values)}};
                            })},
              {.name = "show",
               .summary = "show a pack: its query, and the cards with score and excerpt",
               .example = "nexusctl pack show PACK_ID -o json",
               .parameters = {pack},
               .run = shows({.path = kOnePack}, kPackShape)},
              {.name = "list",
               .summary = "list packs, newest first, without their cards",
               .example = "nexusctl pack list --all",
               .parameters = list_parameters({}),
               .run = lists({.path = "/nexus/influence-pack"}, kPackListShape)},
              {.name = "delete",
               .summary = "delete a pack: its creator or an admin",
               .example = "nexusctl pack delete PACK_ID",
               .parameters = {pack},
               .run = deletes({.path = kOnePack}, "PACK_ID", "pack_id")},
          }};
}

}  // namespace nexus::cli
