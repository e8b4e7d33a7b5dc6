#include "store/postgres/kept_heads.hpp"

#include "store/rows.hpp"

namespace nexus::store {

constexpr std::size_t kKeptMax = 10'000;

void KeptHeads::remember(const std::vector<std::pair<Place, Head>>& heads) noexcept {
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

bool KeptHeads::is_there(const Reader& reader, const Place& place, const Head& head) {
  return first(reader.query("SELECT hash FROM audit_rows WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3", place.realm(),
                            head.seq),
               only_text) == head.hash;
}

std::vector<std::pair<Place, Head>> KeptHeads::all() const {
  const std::lock_guard lock(mutex_);
  return {heads_.begin(), heads_.end()};
}

}  // namespace nexus::store
