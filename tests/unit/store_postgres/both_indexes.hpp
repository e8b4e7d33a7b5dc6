// The same cards in an index of SQLite and in one of PostgreSQL, and random cards and searches for them.
#pragma once
#include <map>
#include <random>

#include "databases.hpp"
#include "tests/unit/store/cards.hpp"

namespace nexus::store::test {

class PostgresIndex {
 public:
  /// In a database of its own.
  PostgresIndex() : PostgresIndex(std::make_unique<NewDatabase>()) {}
  explicit PostgresIndex(const LinkOptions& options) : open_(options) { migrate(open_.link, postgres_migrations()); }

  template <class Work>
  auto apply(Work work) {
    open_.session.begin(Isolation::read_committed);
    try {
      auto result = work(open_.tx);
      open_.session.commit();
      return result;
    } catch (...) {
      open_.session.rollback();
      throw;
    }
  }
  OpenLink& open() { return open_; }

 private:
  explicit PostgresIndex(std::unique_ptr<NewDatabase> own) : PostgresIndex(own->link()) { own_ = std::move(own); }

  std::unique_ptr<NewDatabase> own_;
  OpenLink open_;
};

/// Does everything to both, and compares what they say of it.
class BothIndexes {
 public:
  template <class Work>
  auto apply(Work work) {
    decltype(work(std::declval<Tx&>())) ours{};
    sqlite_.database->writer().apply([&](Tx& tx) { ours = work(tx); });
    const auto theirs = postgres_.apply(work);
    CHECK(ours == theirs);
    return theirs;
  }
  /// What both answer to a reader.
  template <class Read>
  auto read(Read read) {
    const auto ours = read(sqlite_.database->read().reader());
    return std::pair(ours, read(postgres_.open().tx));
  }
  PostgresIndex& postgres() { return postgres_; }

 private:
  Index sqlite_;
  PostgresIndex postgres_;
};

struct RandomSearch {
  Realm realm;
  std::vector<SearchPhrase> phrases;
  SearchFilter filter;
  std::size_t count;
  PrefixBound bound;
};

/// A library of cards that changes at random: several spaces, types and versions, words of several scripts, cards in
/// parts, whose parts may be missing or still to be removed, deletions, and words folded by other rules.
class RandomLibrary {
 public:
  explicit RandomLibrary(unsigned seed) : random_(seed) {}

  void change(BothIndexes& both);
  RandomSearch search();

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  const std::string& word();
  std::string text(std::size_t words);
  domain::Card new_card();
  domain::Card& known_card();
  SearchPhrase random_phrase();

  std::mt19937 random_;
  std::vector<domain::Card> cards_;
  int added_ = 0;
};

}  // namespace nexus::store::test
