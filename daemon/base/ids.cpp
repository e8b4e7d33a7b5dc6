#include "daemon/base/ids.hpp"

#include "daemon/base/text.hpp"

namespace nexus {
namespace {

bool is_lower_name(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return !text.empty() && text.size() <= 62 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

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
  constexpr std::string_view names[] = {"dev", "staging", "prod"};
  return names[static_cast<std::size_t>(env)];
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::viewer, Role::member, Role::admin, Role::owner})
    if (text == to_string(role)) return role;
  return std::nullopt;
}

std::string_view to_string(Role role) {
  constexpr std::string_view names[] = {"viewer", "member", "admin", "owner", "system"};
  return names[static_cast<std::size_t>(role)];
}

bool is_client_id(std::string_view text) {
  return text.size() <= 128 && is_alphanumeric(text, "._-") && is_alphanumeric(text.front());
}

}  // namespace nexus
