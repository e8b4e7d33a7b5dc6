#include "cli/text_argument.hpp"

#include <iostream>
#include <iterator>

namespace nexus::cli {

std::string text_argument(const Values& values, const std::string& name) {
  if (const auto text = values.find(name); text && *text != "-") return *text;
  std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace nexus::cli
