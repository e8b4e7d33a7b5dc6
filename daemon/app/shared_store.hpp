// What a daemon does about a store that other daemons use too: it takes the system token that another one put in force,
// and draws a new epoch where rows were lost.
//
// Rows are lost when a standby that lacked them takes over, or the server is set back. Seqs are then used again with
// other content, so no cursor means what it meant: a new epoch tells every client. A daemon knows what it committed
// itself. One that has just begun knows nothing, and so distrusts every timeline but the one that the store names.
#pragma once
#include <atomic>
#include <functional>
#include <string>

#include "daemon/rails/watch.hpp"
#include "store/database.hpp"

namespace nexus::app {

class SharedStore {
 public:
  /// `root_changed`: the digest of the system token in force is another one. Returns false to be told again. On the
  /// thread of the looks.
  SharedStore(store::Database& database, std::string instance_id, std::string root,
              std::function<bool(const std::string&)> root_changed);

  /// At each look of the rails (Rails::on_look). Throws store::Error; the next look does the same again.
  void look(const rails::Watch::Facts& facts);

 private:
  void judge(const store::History& history);

  store::Database& database_;
  const std::string instance_id_;
  std::string root_;  // these two are the looks' alone
  bool is_new_ = true;
  std::optional<store::History> unjudged_;
  const std::function<bool(const std::string&)> root_changed_;
};

}  // namespace nexus::app
