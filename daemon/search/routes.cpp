// POST /nexus/search.
#include "daemon/domain/search_query.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/snippet.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/json.hpp"

namespace nexus::search {
namespace {

using http::Input;
using http::Reply;
namespace schema = http::schema;

domain::SearchQuery parse(Input& input) { return domain::take_search_query(input.body); }

Json item_of(const domain::FoundCard& found, const domain::SearchQuery& query) {
  return make_object({{"id", found.card.card_id},
                      {"score", found.score},
                      {"metadata", model::json_of(domain::kCard, found.card,
                                                  {"card_type", "version", "header", "created_at", "created_by"})},
                      {"snippet", domain::snippet(found.card.body_text(), query.phrases)}});
}

Reply search(const store::Reader& reader, const Caller& caller, const domain::SearchQuery& query) {
  Json items = Json::array();
  for (const domain::FoundCard& found : domain::find_cards(reader, caller, query))
    items.push_back(item_of(found, query));
  Json told = make_object({{"result_count", items.size()}});
  return {.json = make_object({{"items", std::move(items)}}),
          .events = {{"card_search", "card", "", query.to_json(), std::move(told)}}};
}

Json answer_schema() {
  Json hit = schema::whole({{"id", schema::text()},
                            {"score", Json{{"type", "number"}, {"minimum", 0}}},
                            {"metadata", model::answer_schema(domain::kCard, {"card_type", "version", "header",
                                                                              "created_at", "created_by"})},
                            {"snippet", schema::text("plain text on one line; found words between **")}});
  return schema::named("SearchResult",
                       schema::whole({{"items", schema::list(schema::named("SearchHit", std::move(hit)))}}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("search", "Full text search over cards");
  routes.add({.method = "POST",
              .path = "/nexus/search",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer},
              .action = "search",
              .surface = "search",
              .policy = gates::Policy::read,
              .body = http::Body::json,
              .takes_long = true,
              .handler = http::reads(parse, search),
              .docs = {.summary = "Search cards",
                       .tag = "search",
                       .request = domain::search_query_schema(),
                       .response = answer_schema()}});
}

}  // namespace nexus::search
