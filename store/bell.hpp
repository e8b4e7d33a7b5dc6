// How the daemons that share a store tell each other what they did. What is told is a hint, and may be lost: who must
// know reads the store. Only what is never stored, such as presence, is told in words.
//
// Threads: any; a listener is called on the bell's own, one call at a time.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/realm.hpp"

namespace nexus::store {

class Bell {
 public:
  /// Each may be empty, must be quick, and must not throw.
  struct Listener {
    /// Another daemon has committed rows there.
    std::function<void(const std::vector<Place>&)> changed = {};
    /// Something may have been told that did not come here. Also called once when all that is told comes from now on.
    std::function<void()> missed = {};
    /// Words of another daemon. Those of one daemon come in their order, some perhaps not at all.
    std::function<void(std::string_view)> said = {};
  };

  Bell() = default;
  virtual ~Bell() = default;
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  /// Replaces the listener. The old one is not called any more once this returns.
  virtual void listen(Listener listener) = 0;
  enum class Weight { needed, light };
  /// Tells all other daemons, soon and at most once. `words` is UTF-8 without NUL. Drops them when too much waits to be
  /// told, `light` ones long before others. Does not wait.
  virtual void say(std::string words, Weight weight = Weight::needed) = 0;
};

}  // namespace nexus::store
