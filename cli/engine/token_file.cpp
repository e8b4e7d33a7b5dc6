#include "cli/engine/token_file.hpp"

#include <sys/stat.h>

#include <iostream>

#include "cli/engine/escape.hpp"
#include "cli/engine/failure.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

/// An editor's byte order mark, blanks and line ends are no part of the token.
std::string token_in(std::string_view text, const std::string& place) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return checked(std::string(trim_ascii(text)), "the token in " + place);
}

}  // namespace

const std::string& checked(const std::string& value, const std::string& source) {
  if (value.empty()) throw usage_error(source + " is empty");
  if (const std::size_t at = find_control(value); at < value.size())
    throw usage_error(source + " holds a control character: " + escape_controls(value.substr(at, 1)));
  return value;
}

std::string read_token_file(const TokenPlace& place) {
  if (place.value == "-") {
    std::string line;  // what follows is the command's own input
    std::getline(std::cin, line);
    return token_in(line, "standard input");
  }
  struct stat info {};
  if (::stat(place.value.c_str(), &info) != 0)
    throw Failure(Exit::unauthenticated, "the token file from " + place.source + " cannot be read: " + place.value);
  if (S_ISREG(info.st_mode) && (info.st_mode & 077) != 0)
    std::cerr << "note: " << escape_controls(place.value) << " is open to others; chmod 600 it\n";
  return token_in(read_file(place.value, 16 * 1024), place.value);
}

}  // namespace nexus::cli
