// The last row that this daemon committed in each chain, as far as it remembers. After a connection to the server was
// lost, they tell whether the server that serves now has everything: a standby that lacked the last rows does not.
//
// What a lost connection leaves is set apart, because rows that are committed on the new server would hide what is
// missing there. It is kept until it was judged.
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
  using Heads = std::vector<std::pair<Place, Head>>;

  /// These were committed. Where there are very many, others are forgotten.
  void remember(const Heads& heads) noexcept;
  /// A connection was lost: before anything is committed on the next one.
  void set_apart() noexcept;
  /// A place whose row is not there, or is another one. Then all that was judged is forgotten, so that a loss is found
  /// once. `read` gives a new snapshot for every part of the rows.
  template <class Read>
  std::optional<Place> find_lost(Read read) {
    const Heads kept = all();
    for (std::size_t begin = 0; begin < kept.size(); begin += kPart) {
      const Heads part(kept.begin() + static_cast<std::ptrdiff_t>(begin),
                       kept.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kPart, kept.size())));
      auto lost = find_lost_of(read().reader(), part);
      if (lost) forget(kept);
      if (lost) return lost;
    }
    take_back(kept);
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kPart = 500;
  static std::optional<Place> find_lost_of(const Reader& reader, const Heads& heads);
  Heads all() const;
  void take_back(const Heads& judged);
  void forget(const Heads& judged);

  mutable std::mutex mutex_;
  std::map<Place, Head> heads_, apart_;
};

}  // namespace nexus::store
