#include "daemon/base/shell.hpp"

#include "daemon/base/ids.hpp"
#include "daemon/base/text.hpp"

namespace nexus {

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string shell_quote(std::string_view text) {
  return is_alphanumeric(text, "-_./:=@%+,") ? std::string(text) : single_quoted(text);
}

std::string word_or(std::string_view own, std::string_view placeholder) {
  return std::string(is_client_id(own) && !own.starts_with('-') ? own : placeholder);
}

}  // namespace nexus
