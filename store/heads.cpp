#include "store/heads.hpp"

#include "daemon/base/json.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

/// Of all tables together. When there are more they are dropped, and read again as they are needed.
constexpr std::size_t kHeadsMax = 8192;

auto key_view(const Heads::Table& table, Realm realm) { return std::tuple(&table, realm.tenant, realm.env); }

}  // namespace

std::vector<PlaceHead> list_heads(const Reader& reader, std::string_view table, const std::set<std::string>& tenants) {
  const std::string text = "SELECT h.tenant_id, h.env, h.seq FROM json_each(?1) AS wanted CROSS JOIN " +
                           std::string(table) + " AS h WHERE h.tenant_id = wanted.value";
  return all(reader.query(text, to_text(Json(tenants))), [](const Query& q) {
    return PlaceHead{{q.text(0), q.text(1)}, q.integer(2)};
  });
}

std::optional<Head> Heads::find(const Reader& reader, const Table& table, Realm realm) {
  return reader.heads() != nullptr ? reader.heads()->find(table, realm) : table.read(reader, realm);
}

void Heads::move(Tx& tx, const Table& table, Realm realm, Head head) {
  tx.touch(realm);
  if (tx.heads() == nullptr) return table.write(tx, realm, head);
  tx.heads()->move(table, realm, std::move(head));
}

std::optional<Head> Heads::find(const Table& table, Realm realm) {
  const auto key = key_view(table, realm);
  if (const auto moved = moved_.find(key); moved != moved_.end()) return moved->second;
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  auto head = table.read(tx_, realm);
  if (head) known_.emplace(key, *head);
  return head;
}

void Heads::move(const Table& table, Realm realm, Head head) {
  written_ = false;
  Key key(key_view(table, realm));
  undo_.emplace_back(key, std::nullopt);  // first: a head that moves can be undone, wherever memory runs out
  const auto [place, is_new] = moved_.try_emplace(std::move(key));
  if (!is_new) undo_.back().second = std::move(place->second);
  place->second = std::move(head);
}

// The unit may have had the tables written, and that is undone with it.
void Heads::undo_unit() {
  written_ = false;
  for (; !undo_.empty(); undo_.pop_back()) {
    auto& [key, before] = undo_.back();
    if (before)
      moved_[key] = std::move(*before);
    else
      moved_.erase(key);
  }
}

std::vector<std::pair<Place, Head>> Heads::moved_chains() const {
  std::vector<std::pair<Place, Head>> chains;
  for (const auto& [key, head] : moved_)
    if (!head.hash.empty()) chains.emplace_back(Place{std::get<1>(key), std::get<2>(key)}, head);
  return chains;
}

void Heads::write() {
  if (written_) return;
  for (const auto& [key, head] : moved_) {
    const auto& [table, tenant, env] = key;
    table->write(tx_, {.tenant = tenant, .env = env}, head);
  }
  written_ = true;
}

void Heads::keep() noexcept {
  if (known_.size() > kHeadsMax) known_.clear();
  while (!moved_.empty()) {
    auto kept = known_.insert(moved_.extract(moved_.begin()));
    if (!kept.inserted) kept.position->second = std::move(kept.node.mapped());
  }
}

void Heads::forget() {
  known_.clear();
  moved_.clear();
  undo_.clear();
  written_ = true;
}

}  // namespace nexus::store
