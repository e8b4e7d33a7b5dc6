#include "daemon/http/absent.hpp"

#include <stdexcept>
#include <string>

#include "daemon/problems.hpp"

namespace nexus::http {
namespace {

/// The name in the code, which may differ from the subject type.
std::string_view kind_of(std::string_view subject_type) {
  if (subject_type == "raw_asset") return "raw";
  if (subject_type == "influence_pack") return "pack";
  if (subject_type == "session_turn") return "session";
  return subject_type;
}

}  // namespace

Code absent_code(std::string_view subject_type) {
  if (const auto code = find_code(std::string(kind_of(subject_type)) + ".not_found")) return *code;
  throw std::logic_error("no code tells that a " + std::string(subject_type) + " is not there");
}

}  // namespace nexus::http
