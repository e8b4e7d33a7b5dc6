// Cards in an index of their own, for the tests of what is found and of what the index holds.
#pragma once
#include <limits>
#include <string>
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/base/words.hpp"
#include "store/card_search.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::store::test {

inline SearchPhrase phrase(std::string_view text, bool prefix = false) {
  SearchPhrase out{{}, prefix};
  for (auto& word : words_of(text)) out.words.push_back(word.folded);
  return out;
}

inline domain::Card card(const std::string& id, const std::string& body, const std::string& tenant = "t_a",
                         const std::string& type = "note", const std::string& header = "{}",
                         const std::string& env = "dev") {
  return {.tenant_id = tenant,
          .env = env,
          .card_id = id,
          .card_type = type,
          .version = "1",
          .header = header,
          .full_text = body,
          .body_bytes = static_cast<std::int64_t>(body.size()),
          .created_by = "u_a"};
}

inline constexpr std::size_t kMany = std::numeric_limits<std::size_t>::max();
inline constexpr PrefixBound kNoBound{kMany, kMany};

inline domain::CardWords words_in(const domain::Card& of) {
  domain::CardWords words;
  words.count = append_words_of_values(words.text, parse_own_json(of.header));
  words.count += append_words(words.text, of.body_text());
  return words;
}

struct Index {
  Scratch scratch;
  Database database{{.path = scratch.database(), .readers = 1}};

  void add(const std::string& id, const std::string& body, const std::string& tenant = "t_a",
           const std::string& type = "note", const std::string& header = "{}", const std::string& env = "dev") {
    const auto added = card(id, body, tenant, type, header, env);
    database.writer().apply([&](Tx& tx) { index_card(tx, added, words_in(added)); });
  }
  void remove(const std::string& id, const std::string& tenant = "t_a") {
    database.writer().apply([&](Tx& tx) { unindex_card(tx, {.tenant = tenant, .env = "dev"}, id); });
  }
  std::vector<CardHit> find(const std::vector<SearchPhrase>& phrases, const SearchFilter& filter = {},
                            const std::string& tenant = "t_a", std::size_t count = 100, PrefixBound bound = kNoBound) {
    return search_cards(database.read().reader(), {.tenant = tenant, .env = "dev"}, phrases, filter, count, bound);
  }
  std::string ids(const std::vector<SearchPhrase>& phrases, const SearchFilter& filter = {},
                  const std::string& tenant = "t_a", std::size_t count = 100, PrefixBound bound = kNoBound) {
    std::string out;
    for (const auto& hit : find(phrases, filter, tenant, count, bound)) out += (out.empty() ? "" : " ") + hit.card_id;
    return out;
  }
  std::string within(PrefixBound bound, const std::vector<SearchPhrase>& phrases) {
    return ids(phrases, {}, "t_a", 1000, bound);
  }
  std::string newest(const SearchFilter& filter = {}, std::size_t count = 100, const std::string& tenant = "t_a") {
    std::string out;
    for (const auto& hit : newest_cards(database.read().reader(), {.tenant = tenant, .env = "dev"}, filter, count))
      out += (out.empty() ? "" : " ") + hit.card_id;
    return out;
  }
  std::int64_t segments() {
    auto lease = database.read();
    Query count = lease.reader().query("SELECT count(DISTINCT segid) FROM card_index_idx");
    return count.next() ? count.integer(0) : 0;
  }
  std::string damage() const {
    Connection connection({.path = scratch.database(), .read_only = true});
    return find_damage(connection, true);
  }
};

}  // namespace nexus::store::test
