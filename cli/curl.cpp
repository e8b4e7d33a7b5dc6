// Quoting for shells, and curl's own notation for forms.
#include "cli/curl.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

bool harmless(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-_./:=@%+,").find(c) != std::string_view::npos;
}

}  // namespace

std::string shell_quote(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), harmless)) return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

// curl's own quoting inside -F: a file name in double quotes, where `"` and `\` take a backslash.
std::string curl_file_name(const std::string& path) {
  std::string out = "\"";
  for (const char c : path) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string curl_line(const Exchange& exchange) {
  std::string line = "curl -sS";
  if (exchange.method != "GET") line += " -X " + exchange.method;
  for (const auto& [name, value] : exchange.headers) {
    if (iequals_ascii(name, "authorization"))
      line += " -H \"Authorization: Bearer $NEXUS_TOKEN\"";
    else
      line += " -H " + shell_quote(name + ": " + value);
  }
  if (!exchange.body.empty()) line += " --data-raw " + shell_quote(exchange.body);
  return line + " " + shell_quote(exchange.url.origin() + exchange.url.target);
}

std::string curl_upload_line(const std::string& url, const Json& fields, const std::string& path) {
  std::string line = "curl -sS";
  for (const auto& [name, value] : fields.items()) {
    // --form-string, because -F would read a leading @ or < as a file name.
    line += " --form-string " + shell_quote(name + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return line + " -F " + shell_quote("file=@" + curl_file_name(path)) + " " + shell_quote(url);
}

}  // namespace nexus::cli
