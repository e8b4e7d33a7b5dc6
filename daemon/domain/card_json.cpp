#include "daemon/domain/card_json.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/json.hpp"

namespace nexus::domain {
namespace schema = http::schema;

Json card_json(const Card& card) {
  Json json = listed_card_json(card);
  json["full_text"] = card.full_text;
  return json;
}

Json card_schema() {
  return schema::with(schema::named("Card", listed_card_schema()),
                      {{"full_text", schema::text("byte for byte as it was sent")}});
}

http::Route takes_card(http::Route route) {
  Json text = schema::text("a YAML header with card_type at least, a line of ---, and the body; at most 256 KiB");
  text["example"] = "card_type: note\n---\nWhat is worth keeping.\n";
  route.docs.request = std::move(text);
  route.body = http::Body::text;
  route.body_bytes_max = limits::card_bytes_max;
  return route;
}

Json listed_card_json(const Card& card) {
  Json json = model::json_of(kCard, card);
  json["body_text"] = card.body_text();
  return json;
}

Json listed_card_schema() {
  return schema::with(model::answer_schema(kCard),
                      {{"body_text", schema::text("the body without the white space around it")}});
}

Card make_card(const http::Input& input, const CardText& text) {
  Card card = made_by(input.caller, Card());
  card.card_id = new_id(input.caller.tenant());
  card.card_type = text.card_type;
  card.version = text.version.value_or("1");
  card.header = to_text(text.header);
  card.full_text = input.raw_body;
  card.body_at = text.body_at;
  card.body_bytes = text.body_bytes;
  return card;
}

http::Applied card_stored(const Card& card, std::string location) {
  // The author's text, a version too, stays out of the audit log, which holds its digest.
  Json details = make_object(
      {{"card_type", card.card_type}, {"size_bytes", card.full_text.size()}, {"sha256", sha256_hex(card.full_text)}});
  audit::Activity created{"card_created", "card", card.card_id,
                          make_object({{"card_type", card.card_type}, {"version", card.version}}),
                          make_object({{"size_bytes", card.full_text.size()}})};
  created.content = card.full_text;
  return {.json = card_json(card),
          .subject_type = "card",
          .subject_id = card.card_id,
          .details = std::move(details),
          .events = {std::move(created)},
          .fields = {{"Location", std::move(location)}}};
}

}  // namespace nexus::domain
