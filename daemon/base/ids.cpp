#include "daemon/base/ids.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"

namespace nexus {
namespace {

bool is_lower_name(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return !text.empty() && text.size() <= 62 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

std::optional<TenantId> TenantId::parse(std::string_view text) {
  if (!is_lower_name(text, "t_") || text == "t_unknown") return std::nullopt;
  return TenantId(text);
}

const TenantId& TenantId::system() {
  static const TenantId id("t_system");
  return id;
}

std::optional<UserId> UserId::parse(std::string_view text) {
  if (!is_lower_name(text, "u_")) return std::nullopt;
  return UserId(text);
}

std::optional<Env> parse_env(std::string_view text) {
  if (iequals_ascii(text, "dev")) return Env::dev;
  if (iequals_ascii(text, "staging") || iequals_ascii(text, "stage")) return Env::staging;
  if (iequals_ascii(text, "prod")) return Env::prod;
  return std::nullopt;
}

std::string_view to_string(Env env) {
  switch (env) {
    case Env::dev:
      return "dev";
    case Env::staging:
      return "staging";
    case Env::prod:
      return "prod";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::viewer, Role::member, Role::admin, Role::owner})
    if (text == to_string(role)) return role;
  return std::nullopt;
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::viewer:
      return "viewer";
    case Role::member:
      return "member";
    case Role::admin:
      return "admin";
    case Role::owner:
      return "owner";
    case Role::system:
      return "system";
  }
  return "";
}

bool is_client_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && is_alphanumeric(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace nexus
