// What of a command line would have no effect. An option that is passed over in silence lets its user believe in what
// was not done, so it is a usage error, thrown before anything is sent or printed. No command lists which options go
// together: an option has an effect when the command asks for it.
#pragma once
#include <functional>
#include <string>

#include "cli/engine/command.hpp"
#include "cli/engine/settings.hpp"

namespace nexus::cli {

class TypedLine {
 public:
  /// Without a line nothing is judged. `values` must outlive this; `path` is the command's.
  TypedLine() = default;
  TypedLine(const Values& values, std::string path) : values_(&values), path_(std::move(path)) {}

  /// Call it before a request leaves, and before a line is printed: by then the command has asked for every option of
  /// its own that was given. Only the first call judges.
  void judge_options();
  /// Call it before a request of this method leaves. An Idempotency-Key protects a POST; a command that sends none, or
  /// something else before it, would be repeated without protection.
  void judge_key(const Settings& settings, const std::string& method);
  /// The command keeps the reason of the run itself.
  void heed_reason() { reason_heeded_ = true; }
  /// Call it before a request leaves. The daemon keeps a reason of the system token alone (`by_system` says whether it
  /// is that one). Returns whether the act will be logged without it; only the first call judges.
  bool judge_reason(const Settings& settings, const std::function<bool()>& by_system);
  /// For what is printed in one form only: neither --output nor --field has an effect.
  void require_no_form(const Settings& settings) const;

 private:
  const Values* values_ = nullptr;  // still to be judged
  std::string path_ = "nexusctl";
  bool key_used_ = false;
  bool reason_heeded_ = false;
};

}  // namespace nexus::cli
