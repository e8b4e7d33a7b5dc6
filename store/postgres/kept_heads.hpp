// The last row that this daemon committed in each chain, as far as it remembers. After a connection to the server was
// lost, they tell whether the server that serves now has everything: a standby that lacked the last rows does not.
//
// Threads: any.
#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "store/heads.hpp"

namespace nexus::store {

class KeptHeads {
 public:
  /// These were committed. Where there are very many, others are forgotten.
  void remember(const std::vector<std::pair<Place, Head>>& heads) noexcept;
  /// A place whose row is not there, or is another one. `read` gives a new snapshot for every part of the rows.
  template <class Read>
  std::optional<Place> find_lost(Read read) const {
    const auto kept = all();
    for (std::size_t begin = 0; begin < kept.size(); begin += kPart) {
      auto lease = read();
      for (std::size_t i = begin; i < std::min(begin + kPart, kept.size()); ++i)
        if (!is_there(lease.reader(), kept[i].first, kept[i].second)) return kept[i].first;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kPart = 500;
  static bool is_there(const Reader& reader, const Place& place, const Head& head);
  std::vector<std::pair<Place, Head>> all() const;

  mutable std::mutex mutex_;
  std::map<Place, Head> heads_;
};

}  // namespace nexus::store
