#include "daemon/domain/new_card.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/base/words.hpp"
#include "daemon/domain/made_by.hpp"
#include "store/card_index.hpp"

namespace nexus::domain {
namespace {

Json created_input(const Card& card, const std::string& version) {
  return make_object({{"card_type", card.card_type}, {"version", version}});
}

audit::Activity creation_of(const Card& card) {
  audit::Activity created{"card_created", "card", card.card_id, created_input(card, card.version)};
  created.output = make_object({{"size_bytes", card.full_text.size()}});
  created.content = card.full_text;
  return audit::prepared(std::move(created));
}

}  // namespace

/// Of the header as it is stored, where a character that is not UTF-8 is replaced.
CardWords words_of_card(const Card& card) {
  CardWords words;
  words.count = append_words_of_values(words.text, parse_own_json(card.header));
  words.count += append_words(words.text, card.body_text());
  return words;
}

std::function<bool(store::Tx&)> index_parts(const NewCardPtr& made) {
  return [made](store::Tx& tx) {
    const Card& card = made->card;
    return store::index_part(tx, card.realm(), card.card_id, made->words);
  };
}

NewCardPtr make_card(const http::Input& input, const CardText& text) {
  auto made = std::make_shared<NewCard>();
  Card& card = made->card;
  card = made_by(input.caller, Card());
  card.card_id = new_id(input.caller.tenant());
  card.card_type = text.card_type;
  card.version = text.version.value_or("1");
  card.header = to_text(text.header);
  card.full_text = input.raw_body;
  card.body_at = text.body_at;
  card.body_bytes = text.body_bytes;
  made->words = words_of_card(card);
  made->created = creation_of(card);
  // The author's text, a version too, stays out of the audit log, which holds its digest.
  made->details = make_object(
      {{"card_type", card.card_type}, {"size_bytes", card.full_text.size()}, {"sha256", sha256_hex(card.full_text)}});
  const Json answer = card_json(card);
  made->answer_bytes = text_size(answer);
  if (made->answer_bytes <= limits::stored_answer_bytes_max) made->answer = to_text(answer);
  return made;
}

http::Applied card_stored(const NewCardPtr& made, std::string location) {
  return {.json = nullptr,
          .subject_type = "card",
          .subject_id = made->card.card_id,
          .details = made->details,
          .events = std::vector(1, made->created),
          .fields = {{"Location", std::move(location)}},
          .text = [made] { return made->answer.empty() ? to_text(card_json(made->card)) : made->answer; },
          .text_bytes = made->answer_bytes};
}

http::Applied card_stored_as(const std::string& version, const NewCardPtr& made, std::string location) {
  http::Applied applied = card_stored(made, std::move(location));
  applied.events.front().input = created_input(made->card, version);
  applied.text = [made, version] {
    Json json = card_json(made->card);
    json["version"] = version;
    return to_text(json);
  };
  return applied;
}

}  // namespace nexus::domain
