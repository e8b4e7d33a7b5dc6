#include "daemon/blobs/sigv4.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"

namespace nexus::blobs {
namespace {

constexpr std::string_view kTerminator = "aws4_request";

Fields folded_and_sorted(const Fields& headers) {
  Fields out;
  for (const auto& [name, value] : headers) out.emplace_back(lower_ascii(name), trim_ascii(value));
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

}  // namespace

Scope Scope::at(const Credentials& credentials, std::string_view region, Micros now) {
  return {credentials.access_key_id, to_amz_date(now).substr(0, 8), std::string(region)};
}

std::optional<Scope> Scope::parse(std::string_view credential) {
  const auto parts = split(credential, '/');
  if (parts.size() != 5 || parts[4] != kTerminator) return std::nullopt;
  if (std::any_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); })) return std::nullopt;
  return Scope{std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
}

std::string Scope::str() const { return date + "/" + region + "/" + service + "/" + std::string(kTerminator); }

std::string Scope::credential() const { return access_key_id + "/" + str(); }

Digest signing_key(std::string_view secret, std::string_view date, std::string_view region, std::string_view service) {
  // One key serves all signatures of a day. The last key is cached, as in AWS's own clients.
  struct Last {
    std::string parts;
    Digest key{};
  };
  thread_local Last last;
  std::string parts;
  for (const std::string_view part : {secret, date, region, service}) parts.append(part).append(1, '\0');
  if (parts == last.parts) return last.key;
  const Digest date_key = hmac_sha256("AWS4" + std::string(secret), date);
  const Digest region_key = hmac_sha256(as_text(date_key), region);
  const Digest service_key = hmac_sha256(as_text(region_key), service);
  last = {std::move(parts), hmac_sha256(as_text(service_key), kTerminator)};
  return last.key;
}

std::string signature(std::string_view secret, const Scope& scope, std::string_view string_to_sign) {
  const Digest key = signing_key(secret, scope.date, scope.region, scope.service);
  return hex(hmac_sha256(as_text(key), string_to_sign));
}

std::string canonical_query(const Fields& query) {
  Fields encoded;
  for (const auto& [name, value] : query) encoded.emplace_back(percent_encode(name), percent_encode(value));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

std::string signed_headers(const Fields& headers) {
  std::string out;
  for (const auto& [name, value] : folded_and_sorted(headers)) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

std::string canonical_request(const CanonicalRequest& request) {
  std::string out = request.method + "\n" + percent_encode(request.path, true) + "\n";
  out += canonical_query(request.query) + "\n";
  for (const auto& [name, value] : folded_and_sorted(request.headers)) out += name + ":" + value + "\n";
  return out + "\n" + signed_headers(request.headers) + "\n" + request.payload_hash;
}

std::string string_to_sign(const CanonicalRequest& request, const Scope& scope, std::string_view amz_date) {
  std::string out(kAlgorithm);
  out.append("\n").append(amz_date).append("\n").append(scope.str()).append("\n");
  return out + sha256_hex(canonical_request(request));
}

}  // namespace nexus::blobs
