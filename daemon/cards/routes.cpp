// Routes of cards: texts with a YAML header, immutable, listed by type. Settings are cards too, but only
// daemon/settings writes them. daemon/search searches cards.
#include "daemon/cards/problems.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/new_card.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/rows.hpp"
#include "store/card_index.hpp"
#include "store/settings.hpp"

namespace nexus::cards {
namespace {

using domain::Card;
using domain::kCard;
using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

domain::NewCardPtr parse(Input& input) {
  const domain::CardText text = domain::parse_card_text(input.raw_body);
  for (const auto type : {domain::kSurfaceSettings, domain::kAppDefinition, domain::kConnectorConfig})
    if (text.card_type == type)
      throw Problem(problems::card_reserved_type, "it is a document of the settings, and written there")
          .with_remedy("nexusctl settings put DOCUMENT FILE");
  return domain::make_card(input, text);
}

Applied create(store::Tx& tx, const Caller&, const domain::NewCardPtr& made) {
  const bool in_parts = store::insert_card(tx, made->card, made->words);
  Applied applied = domain::card_stored(made, "/nexus/cards/" + made->card.card_id);
  if (in_parts) applied.parts = domain::index_parts(made);
  return applied;
}

Card find(const store::Reader& reader, const Caller& caller, const std::string& card_id) {
  return found(store::find_row<kCard>(reader, caller.realm(), card_id), problems::card_not_found);
}

Json show(const store::Reader& reader, const Caller& caller, const std::string& card_id) {
  return domain::card_json(find(reader, caller, card_id));
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
                // Two statements, so that each has its index.
                return value.card_type.empty() ? store::list_newest<kCard>(reader, caller.realm(), mark, count)
                                               : store::list_newest_of<kCard, &Card::card_type>(
                                                     reader, caller.realm(), value.card_type, mark, count);
              },
              domain::listed_card_json, store::id_of<kCard>)};
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& card_id) {
  const Card card = find(tx, caller, card_id);
  domain::require_creator_or_admin(caller, card.created_by, "a card");
  if (store::is_settings_version(tx, card))
    throw Problem(problems::card_reserved_type, "a version of settings stays readable: write a newer one")
        .with_remedy("nexusctl settings put DOCUMENT FILE");
  const bool in_parts = store::delete_card(tx, card, now_micros());
  Applied applied = http::deleted("card", card_id, "card_deleted", make_object({{"card_type", card.card_type}}));
  applied.leaves_rest = in_parts;
  return applied;
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("cards", "Cards: a YAML header and a text");
  const http::Surface surface{.name = "cards", .read_action = "card_read"};
  routes.add(domain::takes_card(surface.create("/nexus/cards", "card_create",
                                               http::rendered(http::writes(parse, create), show),
                                               {.summary = "Create a card", .response = domain::card_schema()})));
  auto parameters = http::page_parameters();
  parameters.push_back({"card_type", "Only cards of this type", schema::text_between(1, 64)});
  routes.add(surface.get("/nexus/cards", http::reads(parse_list, list),
                         {.summary = "List cards",
                          .response = schema::page(domain::listed_card_schema()),
                          .query = std::move(parameters)}));
  routes.add(surface.show("/nexus/cards/{card_id}", http::one("card_id", show),
                          {.summary = "Show a card", .response = domain::card_schema()}));
  routes.add(surface.remove("/nexus/cards/{card_id}", "card_delete", http::writes(http::param("card_id"), remove),
                            {.summary = "Delete a card: its creator or an admin", .refusals = {422}}));
}

}  // namespace nexus::cards
