#include "daemon/base/database_address.hpp"

#include "daemon/base/text.hpp"

namespace nexus {
namespace {

constexpr std::string_view kSchemes[] = {"postgresql://", "postgres://"};
constexpr std::string_view kService = "service=";
constexpr std::string_view kPassword = "password";  // `sslpassword` ends so, too
constexpr std::string_view kMask = "***";

/// Where the value of a parameter begins whose name ends in `password`, with blanks around its sign as libpq allows
/// them; npos without one.
std::size_t password_begin(std::string_view text, std::size_t from) {
  for (auto at = text.find(kPassword, from); at != std::string_view::npos; at = text.find(kPassword, at + 1)) {
    const auto sign = text.find_first_not_of(" \t\r\n", at + kPassword.size());
    if (sign != std::string_view::npos && text[sign] == '=') return sign + 1;
  }
  return std::string_view::npos;
}

/// A parameter of a URL. libpq decodes its name, so that one with an escape may mean anything.
bool is_secret(std::string_view parameter) {
  const auto name = parameter.substr(0, parameter.find('='));
  return name.ends_with(kPassword) || name.find('%') != std::string_view::npos;
}

/// What stands before the last @ may be a password wherever the URL is malformed.
std::string masked_url(std::string_view text) {
  const auto scheme_end = text.find_first_not_of(":/", text.find(':'));
  std::string out;
  if (const auto sign = text.rfind('@'); sign != std::string_view::npos && scheme_end < sign) {
    out.append(text.substr(0, scheme_end)).append(kMask);
    text.remove_prefix(sign);
  }
  const auto query = text.find('?');
  out += text.substr(0, query);
  if (query == std::string_view::npos) return out;
  char before = '?';
  for (const std::string_view parameter : split(text.substr(query + 1), '&')) {
    out += before;
    before = '&';
    out += is_secret(parameter) ? std::string(parameter.substr(0, parameter.find('='))).append("=").append(kMask)
                                : std::string(parameter);
  }
  return out;
}

}  // namespace

bool is_postgres_address(std::string_view text) {
  for (const std::string_view scheme : kSchemes)
    if (text.starts_with(scheme)) return true;
  return text.starts_with(kService);
}

bool holds_password(std::string_view address) {
  if (address.starts_with(kService)) return password_begin(address, 0) != std::string_view::npos;
  const auto begin = address.find("://");
  if (begin == std::string_view::npos) return false;
  const std::string_view rest = address.substr(begin + 3);
  const auto authority = rest.substr(0, rest.find('/'));
  const auto user = authority.substr(0, authority.rfind('@'));
  if (user.size() < authority.size() && user.find(':') != std::string_view::npos) return true;
  const auto query = rest.find('?');
  if (query == std::string_view::npos) return false;
  for (const std::string_view parameter : split(rest.substr(query + 1), '&'))
    if (is_secret(parameter)) return true;
  return false;
}

std::string without_password(std::string_view text) {
  if (text.starts_with("postgres")) return masked_url(text);
  if (!text.starts_with("service")) return std::string(text);
  const auto begin = password_begin(text, 0);  // where it ends, its quotes and escapes decide: nothing behind is shown
  return begin == std::string_view::npos ? std::string(text) : std::string(text.substr(0, begin)).append(kMask);
}

}  // namespace nexus
