#include "daemon/base/build_info.hpp"

#include "daemon/base/json.hpp"

namespace nexus {

std::string build_info_json(std::string_view program, const BuildInfo& info) {
  const std::string_view commit = info.commit;
  return Json{
      {"name", program},           {"version", info.version},       {"commit", commit.empty() ? Json() : Json(commit)},
      {"compiler", info.compiler}, {"build_type", info.build_type}, {"system", info.system}}
      .dump();
}

}  // namespace nexus
