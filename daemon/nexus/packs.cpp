#include "daemon/nexus/packs.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/nexus/search.hpp"
#include "daemon/nexus/snippet.hpp"
#include "store/packs.hpp"

namespace nexus::plane {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::InfluencePack;
namespace schema = http::schema;

constexpr SnippetStyle kExcerpt = {.bytes_max = 500, .marks = false};

Json pack_json(const InfluencePack& pack) {
  return make_object({{"tenant_id", pack.tenant_id},
                      {"env", pack.env},
                      {"pack_id", pack.pack_id},
                      {"query", Json::parse(pack.query)},
                      {"card_refs", Json::parse(pack.card_refs)},
                      {"metadata", make_object({{"result_count", pack.result_count}})},
                      {"created_at", to_rfc3339(pack.created_at)},
                      {"created_by", pack.created_by}});
}

Json pack_schema() {
  return schema::object(
      {"tenant_id", "env", "pack_id", "query", "card_refs", "metadata", "created_at", "created_by"},
      {{"tenant_id", schema::text()},
       {"env", schema::choice({"dev", "staging", "prod"})},
       {"pack_id", schema::text()},
       {"query", search_query_schema()},
       {"card_refs", schema::list(schema::object({"card_id", "score", "excerpt"},
                                                 {{"card_id", schema::text()},
                                                  {"score", Json{{"type", "number"}, {"minimum", 0}}},
                                                  {"excerpt", schema::text()}}))},
       {"metadata", schema::object({"result_count"}, {{"result_count", schema::integer(0, limits::search_top_k_max)}})},
       {"created_at", schema::time()},
       {"created_by", schema::text()}});
}

SearchQuery parse(Input& input) {
  auto query = input.body.optional_fields("query");
  if (!query) {
    if (!input.body.sent("query") || input.body.sent_null("query")) input.body.fault("query", "is required");
    return {};
  }
  SearchQuery out = take_search_query(*query);
  query->finish();
  return out;
}

struct CardRef {
  std::string card_id;
  Json json;
};

/// Before the transaction: a search has no place on the writer.
std::vector<CardRef> find(store::Database& database, const Caller& caller, const SearchQuery& query) {
  auto lease = database.read();
  std::vector<CardRef> refs;
  for (const FoundCard& found : find_cards(lease.reader(), caller, query))
    refs.push_back(
        {found.card.card_id, make_object({{"card_id", found.card.card_id},
                                          {"score", found.score},
                                          {"excerpt", snippet(found.card.body_text(), query.phrases, kExcerpt)}})});
  return refs;
}

Applied create(store::Tx& tx, const Caller& caller, const SearchQuery& query, const std::vector<CardRef>& found) {
  InfluencePack pack;
  pack.tenant_id = caller.tenant().str();
  pack.env = to_string(caller.env());
  pack.pack_id = uuid_v7();
  Json refs = Json::array();
  for (const CardRef& ref : found)  // but what was deleted since
    if (store::find_card(tx, pack.tenant_id, pack.env, ref.card_id)) refs.push_back(ref.json);
  pack.query = to_text(query.to_json());
  pack.card_refs = to_text(refs);
  pack.result_count = static_cast<std::int64_t>(refs.size());
  pack.created_at = now_micros();
  pack.created_by = caller.user_id;
  store::insert_pack(tx, pack);
  return {.json = pack_json(pack),
          .subject_type = "influence_pack",
          .subject_id = pack.pack_id,
          .details = make_object({{"result_count", pack.result_count}}),
          .events = {{"pack_created", "influence_pack", pack.pack_id, query.to_json(),
                      make_object({{"result_count", pack.result_count}})}},
          .fields = {{"Location", "/nexus/influence-pack/" + pack.pack_id}}};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& pack_id) {
  const auto pack = store::find_pack(reader, caller.tenant().str(), to_string(caller.env()), pack_id);
  if (!pack) throw Problem(Code::pack_not_found);
  return {.json = pack_json(*pack)};
}

}  // namespace

void add_pack_routes(http::RouteTable& routes) {
  routes.add({.method = "POST",
              .path = "/nexus/influence-pack",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
              .action = "pack_create",
              .surface = "packs",
              .policy = gates::Policy::full,
              .body = http::Body::json,
              .handler = http::writes(parse, find, create),
              .docs = {"Keep what a search finds",
                       "packs",
                       schema::object({"query"}, {{"query", search_query_schema()}}),
                       pack_schema(),
                       201,
                       {},
                       {}}});
  routes.add({.method = "GET",
              .path = "/nexus/influence-pack/{pack_id}",
              .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer},
              .action = "pack_read",
              .surface = "packs",
              .policy = gates::Policy::read,
              .handler = http::reads([](Input& input) { return input.param("pack_id"); }, show),
              .docs = {"Show an influence pack", "packs", {}, pack_schema(), 200, {}, {404}}});
}

}  // namespace nexus::plane
