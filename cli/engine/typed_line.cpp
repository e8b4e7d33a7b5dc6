#include "cli/engine/typed_line.hpp"

#include <utility>

#include "cli/engine/failure.hpp"
#include "cli/engine/token_file.hpp"

namespace nexus::cli {

void TypedLine::judge_options() {
  if (values_ == nullptr) return;
  if (const auto option = std::exchange(values_, nullptr)->find_unheeded())
    throw usage_error(*option + " has no effect on this line: leave it out, or what makes it pointless",
                      path_ + " --help");
}

void TypedLine::judge_key(const Settings& settings, const std::string& method) {
  if (!settings.idempotency_key || key_used_) return;
  key_used_ = method == "POST";
  if (!key_used_)
    throw usage_error(
        "--idempotency-key has no effect here: it protects a POST, and this command begins with a " + method,
        path_ + " --help");
}

bool TypedLine::judge_reason(const Settings& settings, const std::function<bool()>& by_system) {
  // A line that is only printed may be sent with any token.
  if (!settings.reason || settings.print_curl || std::exchange(reason_heeded_, true)) return false;
  checked(*settings.reason, "--reason");
  return !by_system();
}

void TypedLine::require_no_form(const Settings& settings) const {
  if (!settings.form.empty())
    throw usage_error(settings.form + " has no effect here: what is printed has one form only", path_ + " --help");
}

}  // namespace nexus::cli
