#include "cli/engine/text_argument.hpp"

#include <cstdio>
#include <iostream>
#include <iterator>

#include "cli/engine/failure.hpp"

namespace nexus::cli {

std::string text_argument(const Values& values, const std::string& name) {
  if (const auto text = values.find(name); text && *text != "-") return *text;
  std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  if (std::ferror(stdin) != 0) throw Failure(Exit::negative, "standard input cannot be read");
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace nexus::cli
