// nexusctl pack: influence packs, each a search result kept as it was at one moment.
#include "cli/commands/search.hpp"
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kPackShape = {
    "pack_id",
    {"pack_id", "query.query_text", "metadata.result_count", "card_refs", "created_at", "created_by"},
    {{"card_refs", {"card_id", "score", "excerpt"}}}};

const Shape kPackListShape = {"pack_id",
                              {"pack_id", "query.query_text", "metadata.result_count", "created_at", "created_by"}};

constexpr const char* kOnePack = "/nexus/influence-pack/{PACK_ID}";

constexpr const char* kPackDescription = R"(
An influence pack is what a search found at one moment, kept under an id: the query, and for each card its id, its
score and an excerpt. A pack never changes, with one exception: when a card is deleted, its excerpt is deleted with it
and becomes `null`.)";

int run_pack_create(Session& session, const Values& values) {
  const Json body = {{"query", search_query(values)}};
  const ApiRequest request = {.method = "POST", .path = "/nexus/influence-pack", .body = body};
  session.print_answer(session.call(request), kPackShape);
  note_wordless(session, values);
  return 0;
}

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
               .run = run_pack_create},
              show_command("show a pack: its query, and the cards with score and excerpt",
                           "nexusctl pack show PACK_ID -o json", {.path = kOnePack}, kPackShape, {pack}),
              list_command("list", "list packs, newest first, without their cards", "nexusctl pack list --all",
                           {.path = "/nexus/influence-pack"}, kPackListShape),
              delete_command("delete a pack: its creator or an admin", "nexusctl pack delete PACK_ID",
                             {.path = kOnePack}, pack),
          }};
}

}  // namespace nexus::cli
