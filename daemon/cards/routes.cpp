// Routes of cards: texts with a YAML header, immutable, listed by type. Settings are cards too, but are written by
// daemon/nexus/settings alone; search is daemon/nexus/search's.
#include "daemon/cards/problems.hpp"
#include "daemon/domain/card_json.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"
#include "store/settings.hpp"

namespace nexus::cards {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::Card;
namespace schema = http::schema;

Card parse(Input& input) {
  const domain::CardText text = domain::parse_card_text(input.raw_body);
  for (const auto type : {domain::kSurfaceSettings, domain::kAppDefinition, domain::kConnectorConfig})
    if (text.card_type == type)
      throw Problem(problems::card_reserved_type, "PUT it to /nexus/settings, as nexusctl settings put does");
  return domain::make_card(input, text);
}

Applied create(store::Tx& tx, const Caller&, const Card& card) {
  store::insert_card(tx, card);
  return domain::card_stored(card, "/nexus/cards/" + card.card_id);
}

Card find(const store::Reader& reader, const Caller& caller, const std::string& card_id) {
  auto card = store::find_card(reader, caller.realm(), card_id);
  if (!card) throw Problem(problems::card_not_found);
  return std::move(*card);
}

std::string take_id(Input& input) { return input.param("card_id"); }

Reply show(const store::Reader& reader, const Caller& caller, const std::string& card_id) {
  return {.json = domain::card_json(find(reader, caller, card_id))};
}

struct List {
  std::string card_type;
  http::Page page;
};

List parse_list(Input& input) {
  const std::string type = input.query.optional_text("card_type", {.min = 1, .max = 64}).value_or("");
  return {type, http::take_page(input, "cards\n" + type)};
}

Reply list(const store::Reader& reader, const Caller& caller, const List& value) {
  return {.json = http::page_json_in_pieces<Card>(
              value.page,
              [&](const std::string& mark, int count) {
                return store::list_cards(reader, caller.realm(), value.card_type, mark, count);
              },
              domain::listed_card_json, [](const Card& row) { return row.card_id; })};
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& card_id) {
  const Card card = find(tx, caller, card_id);
  domain::require_creator_or_admin(caller, card.created_by, "a card");
  if (store::is_settings_version(tx, card))
    throw Problem(problems::card_reserved_type,
                  "a version of settings stays readable: PUT a newer one to /nexus/settings");
  store::delete_card(tx, card, now_micros());
  return {.json = nullptr,
          .subject_type = "card",
          .subject_id = card_id,
          .details = make_object({{"card_type", card.card_type}}),
          .events = {{"card_deleted", "card", card_id, Json::object(), Json::object()}},
          .status = 204};
}

http::Route read_route(std::string path, http::ReadHandler handler, http::Docs docs) {
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer},
          .action = "card_read",
          .surface = "cards",
          .policy = gates::Policy::read,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

http::Route write_route(std::string method, std::string path, std::string action, http::WriteHandler handler,
                        http::Docs docs) {
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
          .action = std::move(action),
          .surface = "cards",
          .policy = gates::Policy::full,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("cards", "Cards: a YAML header and a text");
  http::Route post =
      write_route("POST", "/nexus/cards", "card_create",
                  http::rendered(http::writes(parse, create),
                                 [](const store::Reader& reader, const Caller& caller, const std::string& card_id) {
                                   return show(reader, caller, card_id).json;
                                 }),
                  {"Create a card", "cards", domain::card_text_schema(), domain::card_schema(), 201, {}, {}});
  post.body = http::Body::text;
  post.body_bytes_max = limits::card_bytes_max;
  routes.add(std::move(post));
  auto parameters = http::page_parameters();
  parameters.push_back({"card_type", "Only cards of this type", schema::text_between(1, 64)});
  routes.add(read_route(
      "/nexus/cards", http::reads(parse_list, list),
      {"List cards", "cards", {}, schema::page(domain::listed_card_schema()), 200, std::move(parameters), {}}));
  routes.add(read_route("/nexus/cards/{card_id}", http::reads(take_id, show),
                        {"Show a card", "cards", {}, domain::card_schema(), 200, {}, {404}}));
  routes.add(write_route("DELETE", "/nexus/cards/{card_id}", "card_delete", http::writes(take_id, remove),
                         {"Delete a card: its creator or an admin", "cards", {}, {}, 204, {}, {404, 422}}));
}

}  // namespace nexus::cards
