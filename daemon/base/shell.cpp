#include "daemon/base/shell.hpp"

#include "daemon/base/text.hpp"

namespace nexus {

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

std::string shell_quote(std::string_view text) {
  return is_alphanumeric(text, "-_./:=@%+,") ? std::string(text) : single_quoted(text);
}

}  // namespace nexus
