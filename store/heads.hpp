// The heads of sequences: rows that nearly every unit of a tenant reads and changes, such as the last row of its audit
// chain. The writer keeps them in memory, and writes each once a group, before COMMIT, instead of once a unit.
//
// What is kept equals what the table would hold if each unit had written its heads at once. So a unit that is undone
// leaves nothing here, and a lost transaction leaves nothing at all. A statement that names a table of heads, which
// ends in `_heads`, finds the table written (sqlite/connection.hpp): no statement can read an old head.
//
// Threads: the writer's alone. Errors: those of the tables' statements.
#pragma once
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "store/query.hpp"

namespace nexus::store {

/// The end of one sequence of a tenant and env.
struct Head {
  std::int64_t seq = 0;
  std::string hash = {};  // of chains
  std::int64_t at = 0;    // of chains
};

/// Of one place's sequence.
struct PlaceHead {
  Place place;
  std::int64_t seq = 0;
};

/// The heads of these tenants in all envs. `table`: audit_heads or event_heads.
std::vector<PlaceHead> list_heads(const Reader& reader, std::string_view table, const std::set<std::string>& tenants);

class Heads {
 public:
  /// How the heads of one table are read and written. It must live as long as the process.
  struct Table {
    std::optional<Head> (*read)(const Reader& reader, Realm realm);
    void (*write)(Tx& tx, Realm realm, const Head& head);
  };

  /// The session sees the tables as they are, inside the writer's transaction.
  explicit Heads(Session& session) : tx_(session) {}

  /// The head as the reader's snapshot or transaction has it; nothing before the first row.
  static std::optional<Head> find(const Reader& reader, const Table& table, Realm realm);
  /// Moves the head in a transaction.
  static void move(Tx& tx, const Table& table, Realm realm, Head head);

  // ---- for the Writer ----------------------------------------------------------------------------------------------

  /// What moves from here on is taken back by `undo_unit`.
  void begin_unit() { undo_.clear(); }
  void undo_unit();
  /// The ends of the chains that have moved since the transaction began, with their places.
  std::vector<std::pair<Place, Head>> moved_chains() const;
  /// Writes what has moved since the transaction began. May be called again.
  void write();
  /// The transaction was committed. Needs no memory: what is committed cannot be undone.
  void keep() noexcept;
  /// The transaction is lost, or nobody knows.
  void forget();

 private:
  using Key = std::tuple<const Table*, std::string, std::string>;  // tenant and env
  using ByKey = std::map<Key, Head, std::less<>>;

  std::optional<Head> find(const Table& table, Realm realm);
  void move(const Table& table, Realm realm, Head head);

  Tx tx_;
  ByKey known_;                                            // as they were when the transaction began
  ByKey moved_;                                            // since then
  bool written_ = true;                                    // the tables hold what has moved
  std::vector<std::pair<Key, std::optional<Head>>> undo_;  // what was in `moved_` before the unit
};

}  // namespace nexus::store
