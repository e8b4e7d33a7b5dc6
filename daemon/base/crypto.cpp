#include "daemon/base/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstring>
#include <stdexcept>

#include "daemon/base/bytes.hpp"

namespace nexus {

// Algorithms are fetched once, and each thread keeps its contexts of one-shot calls. In OpenSSL 3 a fetch costs more
// than hashing a short text, and a new context as much.
namespace {

using MacContext = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

MacContext new_hmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  MacContext context(mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac), &EVP_MAC_CTX_free);
  std::array<char, 7> name{"SHA256"};
  const std::array params = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                             OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), params.data()) != 1)
    throw std::runtime_error("HMAC-SHA-256 is not available in OpenSSL");
  return context;
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) { begin(); }

void Sha256::begin() {
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (!context_ || md == nullptr || EVP_DigestInit_ex2(context_.get(), md, nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available in OpenSSL");
}

void Sha256::update(std::string_view data) {
  if (EVP_DigestUpdate(context_.get(), data.data(), data.size()) != 1) throw std::runtime_error("SHA-256 failed");
}

Digest Sha256::finish() {
  Digest digest;
  if (EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) throw std::runtime_error("SHA-256 failed");
  return digest;
}

Digest sha256(std::string_view data) {
  thread_local Sha256 context;
  context.begin();
  context.update(data);
  return context.finish();
}

std::string sha256_hex(std::string_view data) { return hex(sha256(data)); }

Digest hmac_sha256(std::string_view key, std::string_view data) {
  thread_local const MacContext context = new_hmac();
  // A null key would reuse the last key.
  const auto* key_bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  Digest digest;
  std::size_t length = 0;
  if (EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) != 1 ||
      EVP_MAC_update(context.get(), bytes, data.size()) != 1 ||
      EVP_MAC_final(context.get(), digest.data(), &length, digest.size()) != 1 || length != digest.size())
    throw std::runtime_error("HMAC-SHA-256 failed");
  return digest;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("the system's random generator failed");
  return out;
}

void draw_random(void* out, std::size_t count) {
  constexpr std::size_t supply_bytes = 4096;
  thread_local std::string supply;
  thread_local std::size_t used = 0;
  if (count > supply_bytes) throw std::logic_error("more randomness than one draw gives");
  if (used + count > supply.size()) {
    supply = random_bytes(supply_bytes);
    used = 0;
  }
  std::memcpy(out, supply.data() + used, count);
  used += count;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace nexus
