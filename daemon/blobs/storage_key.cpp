#include "daemon/blobs/storage_key.hpp"

#include <stdexcept>
#include <utility>

#include "daemon/base/text.hpp"

namespace nexus::blobs {
namespace {

constexpr std::string_view kRoot = "tenants";
constexpr std::string_view kScheme = "s3://";

bool is_safe_filename(std::string_view text) {
  return !text.empty() && text.size() <= kSafeFilenameBytesMax && !filename_fault(text) && safe_filename(text) == text;
}

/// parse_env folds case and accepts `stage`, but a key has only one spelling.
std::optional<Env> parse_exact_env(std::string_view text) {
  const auto env = parse_env(text);
  return env && to_string(*env) == text ? env : std::nullopt;
}

std::optional<Plane> parse_plane(std::string_view text) {
  for (const Plane plane : {Plane::raw, Plane::media_v2, Plane::canvas, Plane::atoms})
    if (to_string(plane) == text) return plane;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Plane plane) {
  constexpr std::string_view names[] = {"raw", "media_v2", "canvas", "atoms"};
  return names[static_cast<std::size_t>(plane)];
}

StorageKey::StorageKey(TenantId tenant, Env env, Plane plane, std::string_view owner, std::string filename)
    : tenant_(std::move(tenant)), env_(env), plane_(plane), owner_(owner), filename_(std::move(filename)) {
  text_.append(kRoot).append("/").append(tenant_.str()).append("/").append(to_string(env_));
  text_.append("/").append(to_string(plane_)).append("/").append(owner_).append("/").append(filename_);
}

StorageKey StorageKey::make(const TenantId& tenant, Env env, Plane plane, std::string_view owner_id,
                            std::string_view original_filename) {
  if (!is_client_id(owner_id)) throw std::invalid_argument("not an owner id");
  if (const auto fault = filename_fault(original_filename)) throw std::invalid_argument("filename " + *fault);
  return {tenant, env, plane, owner_id, safe_filename(original_filename)};
}

std::optional<StorageKey> StorageKey::parse(std::string_view key) {
  const auto parts = split(key, '/');
  if (parts.size() != 6 || parts[0] != kRoot) return std::nullopt;
  const auto tenant = TenantId::parse(parts[1]);
  const auto env = parse_exact_env(parts[2]);
  const auto plane = parse_plane(parts[3]);
  if (!tenant || !env || !plane || !is_client_id(parts[4]) || !is_safe_filename(parts[5])) return std::nullopt;
  return StorageKey(*tenant, *env, *plane, parts[4], std::string(parts[5]));
}

std::optional<ObjectUri> StorageKey::parse_uri(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return std::nullopt;
  uri.remove_prefix(kScheme.size());
  const std::size_t slash = uri.find('/');
  if (slash == std::string_view::npos || !is_bucket_name(uri.substr(0, slash))) return std::nullopt;
  auto key = parse(uri.substr(slash + 1));
  if (!key) return std::nullopt;
  return ObjectUri{std::string(uri.substr(0, slash)), std::move(*key)};
}

std::string StorageKey::uri(std::string_view bucket) const {
  return std::string(kScheme).append(bucket).append("/").append(text_);
}

bool is_bucket_name(std::string_view text) {
  return text.size() >= 3 && text.size() <= 63 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos &&
         is_alphanumeric(text.front()) && is_alphanumeric(text.back()) && text.find("..") == std::string_view::npos;
}

}  // namespace nexus::blobs
