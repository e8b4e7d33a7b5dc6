#include "store/postgres/kept_heads.hpp"

#include "daemon/base/json.hpp"
#include "store/rows.hpp"

namespace nexus::store {

constexpr std::size_t kKeptMax = 10'000;

void KeptHeads::remember(const Heads& heads) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    for (const auto& [place, head] : heads) {
      if (heads_.size() >= kKeptMax) heads_.erase(heads_.begin());
      heads_.insert_or_assign(place, head);
    }
  } catch (const std::bad_alloc&) {
    // Others, which are kept, were committed about then.
  }
}

void KeptHeads::set_apart() noexcept {
  const std::lock_guard lock(mutex_);
  apart_.merge(heads_);  // moves nodes, and keeps what was set apart before
  heads_.clear();
}

std::optional<Place> KeptHeads::find_lost_of(const Reader& reader, const Heads& heads) {
  Json kept = Json::array();
  for (const auto& [place, head] : heads)
    kept.push_back({{"t", place.tenant_id}, {"e", place.env}, {"s", head.seq}, {"h", head.hash}});
  return first(reader.query("SELECT k.t, k.e FROM json_to_recordset(CAST(?1 AS json)) AS k(t text, e text, s bigint, h "
                            "text) WHERE NOT EXISTS (SELECT 1 FROM audit_rows AS r WHERE r.tenant_id = k.t AND r.env = "
                            "k.e AND r.seq = k.s AND r.hash = k.h) LIMIT 1",
                            to_text(kept)),
               place_of);
}

KeptHeads::Heads KeptHeads::all() const {
  const std::lock_guard lock(mutex_);
  Heads all(apart_.begin(), apart_.end());
  all.insert(all.end(), heads_.begin(), heads_.end());
  return all;
}

/// What was set apart and is there belongs to the rest again, unless a later row is known.
void KeptHeads::take_back(const Heads& judged) {
  const std::lock_guard lock(mutex_);
  for (const auto& [place, head] : judged)
    if (const auto found = apart_.find(place); found != apart_.end() && found->second.hash == head.hash)
      heads_.insert(apart_.extract(found));
}

/// But for what was committed meanwhile.
void KeptHeads::forget(const Heads& judged) {
  const std::lock_guard lock(mutex_);
  for (const auto& [place, head] : judged)
    for (auto* kept : {&apart_, &heads_})
      if (const auto found = kept->find(place); found != kept->end() && found->second.hash == head.hash)
        kept->erase(found);
}

}  // namespace nexus::store
