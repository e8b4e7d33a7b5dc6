// A file system that fails on purpose. It passes everything through to the real one, and remembers for each file what
// was synced and what was written since. Two uses:
//   - fail: the Nth write, sync or truncate (counted from arm) answers an error, once or from then on;
//   - power cut: from the Nth operation on everything fails, and after the connections are closed power_on() makes the
//     files what a disk may hold: the synced content, and of the later writes any part, in sectors.
// Simplified: a file's making and removal are durable at once, and a write damages nothing beside its own bytes (what
// SQLite, too, assumes of today's disks: "powersafe overwrite").
//
// Threads: the counters and images are behind one mutex. One FaultVfs at a time carries a name.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace nexus::store::test {

enum class FaultKind { none, write_error, disk_full, short_write, sync_error, power_cut };

struct Fault {
  FaultKind kind = FaultKind::none;
  std::int64_t at = 0;  // the Nth operation that this kind can hit, from 1
  bool sticky = false;
};

class FaultVfs {
 public:
  /// `syncs_lie`: xSync answers "done" and does nothing, as bad hardware does: the second control of the crash test.
  explicit FaultVfs(bool syncs_lie = false);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const { return name_; }
  void arm(Fault fault);
  bool has_struck() const;
  /// Cuts the power now.
  void cut_power();
  /// After a power cut, with all connections closed: writes what survived and works again.
  void power_on(std::mt19937_64& random);

  struct Image;
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::string name_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nexus::store::test
