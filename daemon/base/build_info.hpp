// What a binary was made of, for `--version -o json`.
#pragma once
#include <string>
#include <string_view>

namespace nexus {

struct BuildInfo {
  const char* version;     // 0.1.0
  const char* commit;      // 40 hexadecimal digits, and `-dirty` where files differed; empty: no repository of git
  const char* compiler;    // GNU 12.2.0
  const char* build_type;  // Release
  const char* system;      // Linux x86_64
};

/// Of this program. Made by the build (cmake/build_info.cmake), and linked into nexusd and nexusctl alone.
extern const BuildInfo kBuildInfo;

/// One line of JSON: `{"name","version","commit","compiler","build_type","system"}`; an empty commit is null.
std::string build_info_json(std::string_view program, const BuildInfo& info);

}  // namespace nexus
