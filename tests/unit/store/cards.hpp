// Cards in an index of their own, for the tests of what is found and of what the index holds.
#pragma once
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/bytes.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/words.hpp"
#include "store/card_index.hpp"
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

/// What the index held while units folded the words themselves.
class OldTerms {
 public:
  OldTerms(std::int64_t space, const domain::Card& of) : space_(std::to_string(space)) {
    text_ = space_ + "t" + hex(of.card_type) + " " + space_ + "v" + hex(of.version);
    add_values(parse_own_json(of.header));
    add_words(of.body_text());
  }
  const std::string& text() const { return text_; }

 private:
  void add_values(const Json& value) {
    if (value.is_structured())
      for (const auto& each : value) add_values(each);
    else if (value.is_string())
      add_words(value.get_ref<const std::string&>());
    else if (value.is_number())
      add_words(value.dump());
  }
  void add_words(std::string_view text) {
    for (const Word& word : words_of(text)) text_ += " " + space_ + "w" + word.folded;
  }

  std::string space_, text_;
};

struct Index {
  Scratch scratch;
  std::optional<SqliteDatabase> database;
  Index() { open(); }
  /// Also after the end of an earlier process.
  void open() {
    database.reset();
    database.emplace(DatabaseOptions{.path = scratch.database(), .readers = 1});
  }

  void add(const std::string& id, const std::string& body, const std::string& tenant = "t_a",
           const std::string& type = "note", const std::string& header = "{}", const std::string& env = "dev") {
    const auto added = card(id, body, tenant, type, header, env);
    if (begin(added)) go_on(added);
  }
  /// Only what the card's own unit does. Returns whether parts are left.
  bool begin(const domain::Card& added) {
    bool more = false;
    database->writer().apply([&](Tx& tx) { more = index_card(tx, added, words_in(added)); });
    return more;
  }
  /// Indexes the parts that are left.
  void go_on(const domain::Card& added) {
    bool more = true;
    while (more)
      database->writer().apply([&](Tx& tx) { more = index_part(tx, added.realm(), added.card_id, words_in(added)); });
  }
  void remove(const std::string& id, const std::string& tenant = "t_a") {
    bool more = false;
    const Realm realm{.tenant = tenant, .env = "dev"};
    database->writer().apply([&](Tx& tx) { more = unindex_card(tx, realm, id); });
    while (more) database->writer().apply([&](Tx& tx) { more = remove_part(tx, realm); });
  }
  std::vector<CardHit> find(const std::vector<SearchPhrase>& phrases, const SearchFilter& filter = {},
                            const std::string& tenant = "t_a", std::size_t count = 100, PrefixBound bound = kNoBound) {
    return search_cards(database->read().reader(), {.tenant = tenant, .env = "dev"}, phrases, filter, count, bound);
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
    for (const auto& hit : newest_cards(database->read().reader(), {.tenant = tenant, .env = "dev"}, filter, count))
      out += (out.empty() ? "" : " ") + hit.card_id;
    return out;
  }
  std::int64_t segments() {
    auto lease = database->read();
    Query count = lease.reader().query("SELECT count(DISTINCT segid) FROM card_index_idx");
    return count.next() ? count.integer(0) : 0;
  }
  std::string damage() const {
    Connection connection({.path = scratch.database(), .read_only = true});
    return find_damage(connection, true);
  }
};

}  // namespace nexus::store::test
