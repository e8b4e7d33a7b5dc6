// A reader of YAML 1.2.2 for texts of strangers: one document becomes one JSON value, or is refused with line and
// column.
//
// It follows the productions of the specification by recursive descent. It has no anchors, aliases, tags and
// directives, so no part of a text can expand or name a type. Keys are text, and no mapping has one twice. Depth is
// bounded and time is linear. Plain scalars are those of the core schema (section 10.3): null, true, 12, 1.5; quoted
// ones, times and all others are text. A number that JSON would write otherwise (1.10, 02700, 0x1F, 1e3) is refused,
// because it might have been meant as text.
//
// tests/unit/daemon/yaml_suite_test.cpp reads the YAML test suite with it.
//
// Refused: libyaml, which reads YAML 1.1: it does not take 51 valid documents of that suite, and takes 16 invalid ones.
// yaml-cpp is further from it. libfyaml passes the suite, but random changes of its documents make 0.7.12 (Debian 12)
// abort, loop for ever and read memory that it freed, within a minute.
#pragma once
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "daemon/base/json.hpp"

namespace nexus::domain {

/// Where a character stands. Both count from 1; the column counts code points.
struct YamlPlace {
  std::size_t line = 1, column = 1;
};

/// What a text does wrong, and where. `what()` never repeats the text. `pointer` is the JSON pointer of a number that
/// would not be kept, else empty.
struct YamlFault : std::runtime_error {
  YamlFault(YamlPlace at, const std::string& why, std::string field = {})
      : std::runtime_error(why), place(at), pointer(std::move(field)) {}
  YamlPlace place;
  std::string pointer;
};

struct YamlDocument {
  Json value;
  YamlPlace place;  // of the value's first character
};

/// `depth_max` bounds lists and mappings inside each other. Throws YamlFault.
YamlDocument read_yaml(std::string_view text, std::size_t depth_max);

}  // namespace nexus::domain
