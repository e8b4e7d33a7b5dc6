// What a daemon does about a store that other daemons use too: it takes the system token that another one put in force,
// and draws a new epoch where rows were lost.
//
// Rows are lost when a standby that lacked them takes over, or the server is set back. Seqs are then used again with
// other content, so no cursor means what it meant: a new epoch tells every client. A daemon knows what it committed
// itself. What a daemon committed that is gone with the server, nobody knows. So another timeline than the store names
// is trusted only where all is there that this daemon committed, and commits waited for a standby before.
#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "daemon/rails/watch.hpp"
#include "store/database.hpp"

namespace nexus::app {

/// On the thread of the looks; quick.
struct SharedStoreEvents {
  std::function<std::string()> root_in_force;            // the digest of the system token that this daemon takes
  std::function<void(const std::string&)> root_changed;  // to this digest; told again while it is not in force
  std::function<void(const std::string&)> moved;         // the store was moved there: the daemon must end
};

class SharedStore {
 public:
  SharedStore(store::Database& database, std::string instance_id, SharedStoreEvents events);

  /// At each look of the rails (Rails::on_look). Throws store::Error; the next look does the same again.
  void look(const rails::Watch::Facts& facts);

 private:
  void judge(const store::History& history);

  store::Database& database_;
  const std::string instance_id_;
  const SharedStoreEvents events_;
  bool is_new_ = true;  // these are the looks' alone
  std::optional<store::History> unjudged_;
  std::chrono::steady_clock::time_point root_again_{};
};

}  // namespace nexus::app
