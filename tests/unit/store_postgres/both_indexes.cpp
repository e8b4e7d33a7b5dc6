#include "both_indexes.hpp"

namespace nexus::store::test {
namespace {

// So that phrases occur, and one word begins like another.
const std::vector<std::string> kWords = {
    "a",       "ab",   "abc",      "abd",    "the",   "cat",     "cats",   "catalogue", "dog",        "lazy",
    "fox",     "Über", "ubel",     "Łódź",   "Élan",  "C++",     ".NET",   "C#",        "42",         "4242",
    "1w",      "1",    "11",       "год",    "года",  "год1",    "Москва", "ΣΊΣΥΦΟΣ",   "λόγος",      "हिन्दी",
    "한국어",  "한국", "全文検索", "文",     "索引",  "ไทย",     "عربي",   "كتاب",      "\U0001F600", "\U0001F680",
    "z\u0301", "zz",   "zzz",      "-1.5e3", "naïve", "İstanbul"};
const std::vector<std::string> kTypes = {"note", "memo_2", "note_2"}, kVersions = {"1", "2", "10"};
const std::vector<Realm> kRealms = {{.tenant = "t_a", .env = "dev"},
                                    {.tenant = "t_a", .env = "prod"},
                                    {.tenant = "t_aa", .env = "dev"},
                                    {.tenant = "t_b", .env = "dev"},
                                    {.tenant = "t_b", .env = "stage"}};

void finish_card(BothIndexes& both, const domain::Card& card) {
  while (both.apply([&](Tx& tx) { return index_part(tx, card.realm(), card.card_id, words_in(card)); })) {
  }
}

void renew_card(BothIndexes& both, const domain::Card& card) {
  const auto words = words_in(card);
  const auto [ours, theirs] = both.read([&](const Reader& reader) { return holds_other_words(reader, card, words); });
  CHECK(ours == theirs);
  for (std::optional<std::int64_t> part = 0; part;)
    part = both.apply([&](Tx& tx) { return renew_part(tx, card, words, *part); });
}

}  // namespace

/// Frequent ones come first in the list.
const std::string& RandomLibrary::word() { return kWords[below(1 + below(kWords.size()))]; }

std::string RandomLibrary::text(std::size_t words) {
  std::string out;
  for (; words > 0; --words) out.append(word()).push_back(' ');
  return out;
}

domain::Card RandomLibrary::new_card() {
  const Realm realm = kRealms[below(kRealms.size())];
  const std::size_t words = below(12) == 0 ? 2000 + below(5000) : below(60);
  domain::Card card =
      test::card("c" + std::to_string(++added_), text(words), std::string(realm.tenant), kTypes[below(kTypes.size())],
                 "{\"n\":\"" + text(below(3)) + "\"}", std::string(realm.env));
  card.version = kVersions[below(kVersions.size())];
  return card;
}

domain::Card& RandomLibrary::known_card() { return cards_[below(cards_.size())]; }

void RandomLibrary::change(BothIndexes& both) {
  const std::size_t what = cards_.size() < 20 ? 0 : below(20);
  if (what < 11) {
    const domain::Card card = new_card();
    both.apply([&](Tx& tx) { return index_card(tx, card, words_in(card)); });
    if (below(3) != 0) finish_card(both, card);
    cards_.push_back(card);
  } else if (what < 13) {
    finish_card(both, known_card());
  } else if (what < 15) {
    domain::Card& gone = known_card();
    both.apply([&](Tx& tx) { return unindex_card(tx, gone.realm(), gone.card_id); });
    std::swap(gone, cards_.back());
    cards_.pop_back();
  } else if (what < 17) {
    const Realm realm = kRealms[below(kRealms.size())];
    both.apply([&](Tx& tx) { return remove_part(tx, realm); });
  } else {  // other rules fold some words differently, and may make two of one
    domain::Card& card = known_card();
    const std::size_t at = below(card.full_text.size() + 1);
    card.full_text.insert(std::min(card.full_text.find(' ', at), card.full_text.size()), below(2) == 0 ? "x" : " x");
    card.body_bytes = static_cast<std::int64_t>(card.full_text.size());
    renew_card(both, card);
  }
}

SearchPhrase RandomLibrary::random_phrase() {
  const domain::Card& card = known_card();
  std::string wanted;
  if (below(3) != 0 && card.full_text.size() > 1) {  // what stands somewhere
    const std::size_t from = card.full_text.rfind(' ', below(card.full_text.size() - 1));
    wanted = card.full_text.substr(from == std::string::npos ? 0 : from + 1, 1 + below(30));
    while (!wanted.empty() && (static_cast<unsigned char>(wanted.back()) & 0x80) != 0) wanted.pop_back();
  }
  if (words_of(wanted).empty()) wanted = text(1 + below(3));
  SearchPhrase out = phrase(wanted, below(3) == 0);
  if (out.words.empty()) out.words.emplace_back("absent");
  out.words.resize(std::min(out.words.size(), kPhraseWordsMax));
  return out;
}

RandomSearch RandomLibrary::search() {
  const PrefixBound bound = below(3) == 0 ? kNoBound : PrefixBound{1 + below(30), 1 + below(1 << below(16))};
  RandomSearch out{kRealms[below(kRealms.size())], {}, {}, 1 + below(40), bound};
  for (std::size_t left = 1 + below(3); left > 0; --left) out.phrases.push_back(random_phrase());
  if (below(3) == 0) out.filter.card_type = kTypes[below(kTypes.size())];
  if (below(4) == 0) out.filter.version = kVersions[below(kVersions.size())];
  return out;
}

}  // namespace nexus::store::test
