#include "cli/engine/curl.hpp"

#include <iomanip>
#include <sstream>

#include "cli/engine/failure.hpp"
#include "daemon/base/shell.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

// curl's own quoting inside -F: a name in double quotes, where `"` and `\` take a backslash.
std::string in_curl_quotes(const std::string& text) {
  std::ostringstream out;
  out << std::quoted(text);
  return out.str();
}

}  // namespace

std::string curl_reach(const Reach& reach) {
  std::string options;
  if (!reach.cacert.empty()) options += " --cacert " + shell_quote(reach.cacert);
  if (reach.proxy) options += " --noproxy '' -x " + shell_quote(*reach.proxy);
  return options;
}

std::string curl_line(const Exchange& exchange, const std::string& options) {
  // Linux accepts no argument longer than 128 KiB.
  constexpr std::size_t word_bytes_max = 120 * 1024;
  const std::string body = exchange.body.empty() ? std::string() : " --data-raw " + shell_quote(exchange.body);
  if (body.size() > word_bytes_max)
    throw usage_error("the request has a body of " + std::to_string(exchange.body.size()) +
                      " bytes: longer than a command line takes");
  // A refusal makes the line fail too; its text is printed all the same.
  std::string line = options.starts_with("-f ") ? "curl -sS " + options : "curl -sS --fail-with-body";
  if (!options.empty() && !options.starts_with("-f ")) line += " " + options;
  if (exchange.method != "GET") line += " -X " + exchange.method;
  for (const auto& [name, value] : exchange.headers) {
    if (iequals_ascii(name, "authorization"))
      line += " -H \"Authorization: Bearer $NEXUS_TOKEN\"";
    else
      line += " -H " + shell_quote(name + ": " + value);
  }
  line += curl_reach(exchange.reach) + body;
  if (!exchange.curl_body.empty()) line += " " + exchange.curl_body;
  return line + " " + shell_quote(exchange.url.origin() + exchange.url.target);
}

std::string curl_form(const FormFields& fields, const std::string& path, const std::string& filename,
                      const std::string& content_type) {
  std::string options;
  // --form-string, because -F would read a leading @ or < as a file name.
  for (const auto& [name, value] : fields) options += "--form-string " + shell_quote(name + "=" + value) + " ";
  return options + "-F " +
         shell_quote("file=@" + in_curl_quotes(path) + ";filename=" + in_curl_quotes(filename) +
                     ";type=" + content_type);
}

}  // namespace nexus::cli
