// Influence packs: the results of a search at one moment, kept under an id, to show later what influenced somebody.
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/search_query.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/snippet.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/packs/problems.hpp"
#include "store/packs.hpp"

namespace nexus::packs {
namespace {

using http::Applied;
using http::Input;
namespace schema = http::schema;

constexpr domain::SnippetStyle kExcerpt = {.bytes_max = 500, .marks = false};

Json summary_json(const InfluencePack& pack) {
  Json out = model::json_of(kPack, pack);
  out["metadata"] = make_object({{"result_count", pack.result_count}});
  return out;
}

/// An excerpt is deleted with its card: null.
Json pack_json(const InfluencePack& pack, const std::vector<store::Excerpt>& excerpts) {
  Json refs = parse_own_json(pack.card_refs);
  for (Json& ref : refs) ref["excerpt"] = nullptr;
  for (const auto& [card_id, excerpt] : excerpts)
    for (Json& ref : refs)
      if (ref.at("card_id") == card_id) ref["excerpt"] = excerpt;
  Json out = summary_json(pack);
  out["card_refs"] = std::move(refs);
  return out;
}

Json summary_schema() {
  const Json metadata = schema::whole({{"result_count", schema::integer(0, limits::search_top_k_max)}});
  Json out = schema::with(model::answer_schema(kPack), {{"metadata", metadata}});
  out["properties"]["query"] = domain::search_query_schema();
  return out;
}

Json pack_schema() {
  const Json excerpt = schema::nullable(schema::text("null once the card was deleted"));
  const Json ref = schema::named("CardRef", schema::whole({{"card_id", schema::text()},
                                                           {"score", Json{{"type", "number"}, {"minimum", 0}}},
                                                           {"excerpt", excerpt}}));
  return schema::with(schema::named("InfluencePack", summary_schema()), {{"card_refs", schema::list(ref)}});
}

domain::SearchQuery parse(Input& input) {
  auto query = input.body.optional_fields("query");
  if (!query) {
    input.body.require("query");
    return {};
  }
  domain::SearchQuery out = domain::take_search_query(*query);
  query->finish();
  return out;
}

struct CardRef {
  std::string card_id, excerpt;
  double score;
};

/// Before the transaction: a search must not run on the writer.
std::vector<CardRef> find_refs(store::Database& database, const Caller& caller, const domain::SearchQuery& query) {
  auto lease = database.read();
  std::vector<CardRef> refs;
  for (const domain::FoundCard& found : domain::find_cards(lease.reader(), caller, query))
    refs.push_back({found.card.card_id, domain::snippet(found.card.body_text(), query.phrases, kExcerpt), found.score});
  return refs;
}

Applied create(store::Tx& tx, const Caller& caller, const domain::SearchQuery& query,
               const std::vector<CardRef>& found) {
  auto pack = domain::made_by(caller, InfluencePack{});
  pack.pack_id = new_id(caller.tenant());
  Json refs = Json::array();
  std::vector<store::Excerpt> excerpts;
  for (const CardRef& ref : found) {
    if (!store::has_row<domain::kCard>(tx, caller.realm(), ref.card_id)) continue;  // deleted since
    refs.push_back(make_object({{"card_id", ref.card_id}, {"score", ref.score}}));
    excerpts.emplace_back(ref.card_id, ref.excerpt);
  }
  pack.query = to_text(query.to_json());
  pack.card_refs = to_text(refs);
  pack.result_count = static_cast<std::int64_t>(refs.size());
  store::insert_pack(tx, pack, excerpts);
  return {.json = pack_json(pack, excerpts),
          .subject_type = "influence_pack",
          .subject_id = pack.pack_id,
          .details = make_object({{"result_count", pack.result_count}}),
          .events = {{"pack_created", "influence_pack", pack.pack_id, query.to_json(),
                      make_object({{"result_count", pack.result_count}})}},
          .fields = {{"Location", "/nexus/influence-pack/" + pack.pack_id}}};
}

InfluencePack find(const store::Reader& reader, const Caller& caller, const std::string& pack_id) {
  return found(store::find_row<kPack>(reader, caller.realm(), pack_id), problems::pack_not_found);
}

Json show(const store::Reader& reader, const Caller& caller, const std::string& pack_id) {
  const InfluencePack pack = find(reader, caller, pack_id);
  return pack_json(pack, store::list_excerpts(reader, pack));
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& pack_id) {
  const InfluencePack pack = find(tx, caller, pack_id);
  domain::require_creator_or_admin(caller, pack.created_by, "a pack");
  store::delete_pack(tx, pack);
  return http::deleted("influence_pack", pack_id, "pack_deleted", make_object({{"result_count", pack.result_count}}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("packs", "Influence packs: search results that are kept");
  const http::Surface surface{.name = "packs", .read_action = "pack_read"};
  const std::string one = "/nexus/influence-pack/{pack_id}";
  routes.add(surface.create(
      "/nexus/influence-pack", "pack_create", http::rendered(http::writes(parse, find_refs, create), show),
      {.summary = "Keep what a search finds",
       .request = schema::named("InfluencePackCreate", schema::whole({{"query", domain::search_query_schema()}})),
       .response = pack_schema()}));
  routes.add(surface.list(
      "/nexus/influence-pack", http::newest<kPack>("packs", summary_json),
      {.summary = "List influence packs, newest first, without their cards", .response = summary_schema()}));
  routes.add(
      surface.show(one, http::one("pack_id", show), {.summary = "Show an influence pack", .response = pack_schema()}));
  routes.add(surface.remove(one, "pack_delete", http::writes(http::param("pack_id"), remove),
                            {.summary = "Delete an influence pack: its creator or an admin"}));
}

}  // namespace nexus::packs
