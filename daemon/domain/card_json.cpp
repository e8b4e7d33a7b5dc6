#include "daemon/domain/card_json.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::domain {
namespace schema = http::schema;

Json card_json(const store::Card& card) {
  Json json = listed_card_json(card);
  json["full_text"] = card.full_text;
  return json;
}

Json card_schema() {
  Json whole = schema::named("Card", listed_card_schema());
  whole["properties"]["full_text"] = schema::text("byte for byte as it was sent");
  whole["required"].push_back("full_text");
  return whole;
}

Json card_text_schema() {
  Json text = schema::text("a YAML header with card_type at least, a line of ---, and the body; at most 256 KiB");
  text["example"] = "card_type: note\n---\nWhat is worth keeping.\n";
  return text;
}

Json listed_card_json(const store::Card& card) {
  return make_object({{"tenant_id", card.tenant_id},
                      {"env", card.env},
                      {"card_id", card.card_id},
                      {"version", card.version},
                      {"card_type", card.card_type},
                      {"header", parse_own_json(card.header)},
                      {"body_text", std::string(card.body_text())},
                      {"created_at", to_rfc3339(card.created_at)},
                      {"created_by", card.created_by}});
}

Json listed_card_schema() {
  return schema::named("CardSummary",
                       schema::object({"tenant_id", "env", "card_id", "version", "card_type", "header", "body_text",
                                       "created_at", "created_by"},
                                      {{"tenant_id", schema::text()},
                                       {"env", schema::env()},
                                       {"card_id", schema::text()},
                                       {"version", schema::text()},
                                       {"card_type", schema::pattern("^[a-z][a-z0-9_]{0,63}$")},
                                       {"header", schema::any_object()},
                                       {"body_text", schema::text("the body without the white space around it")},
                                       {"created_at", schema::time()},
                                       {"created_by", schema::text()}}));
}

store::Card make_card(const http::Input& input, const CardText& text) {
  return {.tenant_id = input.caller.tenant().str(),
          .env = std::string(to_string(input.caller.env())),
          .card_id = new_id(input.caller.tenant()),
          .card_type = text.card_type,
          .version = text.version.value_or("1"),
          .header = to_text(text.header),
          .full_text = std::string(input.raw_body),
          .body_at = text.body_at,
          .body_bytes = text.body_bytes,
          .created_at = now_micros(),
          .created_by = input.caller.user_id};
}

http::Applied card_stored(const store::Card& card, std::string location) {
  // What the author wrote, a version too, stays out of the audit log: its digest stands there.
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
