// Validated names: a TenantId, UserId or Env exists only if its text was valid, so code that holds one never checks it
// again. `t_unknown` is no tenant and cannot be built.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace nexus {

/// `^t_[a-z0-9_-]{1,62}$`, and never `t_unknown`.
class TenantId {
 public:
  static std::optional<TenantId> parse(std::string_view text);
  /// `t_system` holds the defaults of flags and the chain of refusals. It is created at first start and cannot be
  /// disabled.
  static const TenantId& system();
  const std::string& str() const { return text_; }
  bool is_system() const { return text_ == "t_system"; }
  bool operator==(const TenantId&) const = default;
  auto operator<=>(const TenantId&) const = default;

 private:
  explicit TenantId(std::string_view text) : text_(text) {}
  std::string text_;
};

/// `^u_[a-z0-9_-]{1,62}$`.
class UserId {
 public:
  static std::optional<UserId> parse(std::string_view text);
  const std::string& str() const { return text_; }
  bool operator==(const UserId&) const = default;

 private:
  explicit UserId(std::string_view text) : text_(text) {}
  std::string text_;
};

enum class Env { dev, staging, prod };

/// Ignores case; `stage` means staging. Returns nothing for anything else.
std::optional<Env> parse_env(std::string_view text);
std::string_view to_string(Env env);

/// Ordered: a higher role may do everything that a lower one may. Only the system token has `system`.
enum class Role { viewer, member, admin, owner, system };
/// `viewer|member|admin|owner`; `system` is never parsed.
std::optional<Role> parse_role(std::string_view text);
std::string_view to_string(Role role);

/// Ids that a client may choose: `^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`.
bool is_client_id(std::string_view text);

}  // namespace nexus
