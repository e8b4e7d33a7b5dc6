// What an examination of an installation finds. `nexusd check`, `nexusd doctor` and GET /doctor print the same
// findings.
//
// An id is stable: programs compare it. One that reads as a state (`disk.free`) comes with `ok` when all is well there;
// one that reads as a fault (`log.lost`) comes only with that fault.
#pragma once
#include <string>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus::app::doctor {

/// A note says what was not examined, or what is neither good nor bad. Nothing is to be done about it.
enum class Severity { ok, note, warning, error };
std::string_view to_string(Severity severity);

struct Finding {
  std::string id;     // `keys.checkpoint_missing`
  std::string about;  // for `nexusd check`, in the words of an operator: `keys`
  Severity severity = Severity::ok;
  std::string found;   // one line, with figures
  std::string remedy;  // the command that mends it, or a sentence; empty where nothing is to be done
};

/// Collects findings in the order in which they are made. Threads: one.
class Findings {
 public:
  void ok(std::string id, std::string about, std::string found);
  void note(std::string id, std::string about, std::string found, std::string remedy = {});
  void warning(std::string id, std::string about, std::string found, std::string remedy);
  void error(std::string id, std::string about, std::string found, std::string remedy);

  /// Runs `probe`. What it throws becomes an error of this id: one probe that fails never hides the others.
  template <class Probe>
  void attempt(const std::string& id, const std::string& about, const std::string& remedy, const Probe& probe) {
    try {
      probe();
    } catch (const std::exception& failure) {
      error(id, about, failure.what(), remedy);
    }
  }

  const std::vector<Finding>& all() const { return all_; }
  /// Whether there is a warning or an error.
  bool found_fault() const;
  /// {"findings":[{"id","severity","found","remedy"}],"ok":…}; `remedy` is null where nothing is to be done.
  Json json() const;

 private:
  std::vector<Finding> all_;
};

}  // namespace nexus::app::doctor
