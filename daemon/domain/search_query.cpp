#include "daemon/domain/search_query.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"
#include "daemon/base/words.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/field.hpp"
#include "store/model_rows.hpp"

namespace nexus::domain {
namespace {

using store::SearchPhrase;

constexpr std::size_t kWantedVersionBytesMax = 64;
static_assert(store::kPhraseWordsMax >= limits::search_query_words_max);
constexpr store::PrefixBound kBound{limits::search_prefix_words_max, limits::search_prefix_occurrences_max};

bool holds_blank(std::string_view text) {
  const auto holds = [&](std::string_view blank) { return text.find(blank) != std::string_view::npos; };
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20; }) || holds("\u00A0") ||
         holds("\u2003") || holds("\u2009") || holds("\u202F") || holds("\u3000");
}

void add(std::vector<SearchPhrase>& phrases, SearchPhrase phrase) {
  if (phrase.words.empty() || std::ranges::find(phrases, phrase) != phrases.end()) return;
  phrases.push_back(std::move(phrase));
}

void add_quoted(std::vector<SearchPhrase>& phrases, std::string_view text) {
  SearchPhrase phrase;
  for (Word& word : words_of(text)) phrase.words.push_back(std::move(word.folded));
  add(phrases, std::move(phrase));
}

/// Korean writes particles behind a word, so that 서울 is meant to find 서울에서.
void add_unquoted(std::vector<SearchPhrase>& phrases, std::string_view text) {
  SearchPhrase phrase;
  std::size_t end = 0;
  for (Word& word : words_of(text)) {
    if (holds_blank(text.substr(end, word.begin - end))) add(phrases, std::exchange(phrase, {}));
    phrase.prefix = (word.end < text.size() && text[word.end] == '*') || may_bear_particle(word.folded);
    phrase.words.push_back(std::move(word.folded));
    end = word.end;
  }
  add(phrases, std::move(phrase));
}

}  // namespace

std::vector<SearchPhrase> phrases_of(std::string_view text) {
  std::vector<SearchPhrase> phrases;
  const auto parts = split(text, '"');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool quoted = i % 2 == 1 && i + 1 < parts.size();
    quoted ? add_quoted(phrases, parts[i]) : add_unquoted(phrases, parts[i]);
  }
  return phrases;
}

bool SearchQuery::lists() const { return trim_ascii(text).empty(); }

Json SearchQuery::to_json() const {
  Json filters = Json::object();
  if (filter.card_type) filters["card_type"] = *filter.card_type;
  if (filter.version) filters["version"] = *filter.version;
  return make_object({{"query_text", text}, {"filters", std::move(filters)}, {"top_k", top_k}});
}

SearchQuery take_search_query(model::Fields& fields) {
  SearchQuery query;
  query.text = fields.text("query_text", {.min = 0, .max = limits::search_query_bytes_max});
  query.phrases = phrases_of(query.text);
  std::size_t words = 0;
  for (const auto& phrase : query.phrases) words += phrase.words.size();
  if (words > limits::search_query_words_max)
    fields.fault("query_text", "must hold at most " + std::to_string(limits::search_query_words_max) + " words");
  if (auto filters = fields.optional_fields("filters")) {
    query.filter.card_type = filters->optional_text("card_type", {.min = 1, .max = 64});
    if (query.filter.card_type && !model::is_action_name(*query.filter.card_type))
      filters->fault("card_type", "must match ^[a-z][a-z0-9_]{0,63}$");
    query.filter.version = filters->optional_text("version", {.min = 1, .max = kWantedVersionBytesMax});
    filters->finish();
  }
  query.top_k = static_cast<std::size_t>(fields.optional_integer("top_k", 1, limits::search_top_k_max)
                                             .value_or(static_cast<std::int64_t>(limits::search_top_k_default)));
  return query;
}

Json search_query_schema() {
  namespace schema = http::schema;
  Json text = schema::text_between(0, limits::search_query_bytes_max);
  text["description"] =
      "Literal words, at most " + std::to_string(limits::search_query_words_max) +
      "; \"in this order\" and prefix* mean what they look like, and a Korean word is a prefix unless "
      "it is quoted; case, accents and widths make no difference; C++ does not mean C; prefixes stand "
      "for at most " +
      std::to_string(limits::search_prefix_words_max) + " words and " +
      std::to_string(limits::search_prefix_occurrences_max) +
      " occurrences of them, the first of the alphabet; empty lists by filter; at most " +
      std::to_string(limits::search_query_bytes_max) + " bytes of UTF-8";
  return schema::named(
      "SearchQuery",
      schema::object({"query_text"},
                     {{"query_text", std::move(text)},
                      {"filters", schema::object({}, {{"card_type", schema::action()},
                                                      {"version", schema::text_between(1, kWantedVersionBytesMax)}})},
                      {"top_k", schema::defaults_to(schema::integer(1, limits::search_top_k_max),
                                                    limits::search_top_k_default)}}));
}

std::vector<FoundCard> find_cards(const store::Reader& reader, const Caller& caller, const SearchQuery& query) {
  const Realm realm = caller.realm();
  const auto hits = query.lists()
                        ? store::newest_cards(reader, realm, query.filter, query.top_k)
                        : store::search_cards(reader, realm, query.phrases, query.filter, query.top_k, kBound);
  std::vector<FoundCard> found;
  for (const auto& hit : hits)
    if (auto card = store::find_row<kCard>(reader, realm, hit.card_id)) found.push_back({std::move(*card), hit.score});
  return found;
}

}  // namespace nexus::domain
