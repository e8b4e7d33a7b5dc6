#include "daemon/audit/digest.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <cstring>
#include <stdexcept>

namespace nexus::audit {

struct Hasher::Context {
  Context() : md(EVP_MD_fetch(nullptr, "SHA256", nullptr)), evp(EVP_MD_CTX_new()) {
    if (md == nullptr || evp == nullptr || EVP_DigestInit_ex2(evp, md, nullptr) != 1)
      throw std::runtime_error("SHA-256 is not available in OpenSSL");
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    EVP_MD_CTX_free(evp);
    EVP_MD_free(md);
  }
  EVP_MD* md;
  EVP_MD_CTX* evp;
};

Hasher::Hasher() : context_(std::make_unique<Context>()) {}
Hasher::~Hasher() = default;

Digest Hasher::of(std::initializer_list<std::string_view> parts) {
  bool done = EVP_DigestInit_ex2(context_->evp, nullptr, nullptr) == 1;
  // Many small parts are joined first: a call of OpenSSL costs more than copying them.
  std::array<char, 512> joined;
  std::size_t filled = 0;
  const auto flush = [&] {
    done = done && EVP_DigestUpdate(context_->evp, joined.data(), filled) == 1;
    filled = 0;
  };
  for (const std::string_view part : parts) {
    if (filled + part.size() > joined.size()) flush();
    if (part.size() > joined.size()) {
      done = done && EVP_DigestUpdate(context_->evp, part.data(), part.size()) == 1;
    } else {
      std::memcpy(joined.data() + filled, part.data(), part.size());
      filled += part.size();
    }
  }
  flush();
  Digest digest;
  done = done && EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr) == 1;
  if (!done) throw std::runtime_error("SHA-256 failed");
  return digest;
}

std::optional<Digest> digest_of(const std::optional<std::string>& bytes) {
  Digest digest;
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::memcpy(digest.data(), bytes->data(), digest.size());
  return digest;
}

void write_hex(const Digest& digest, std::string& out) {
  static constexpr char digits[] = "0123456789abcdef";
  out.resize(2 * digest.size());
  for (std::size_t i = 0; i < digest.size(); ++i) {
    out[2 * i] = digits[digest[i] >> 4];
    out[2 * i + 1] = digits[digest[i] & 15];
  }
}

std::string genesis_hash(std::string_view instance_id, Realm realm) {
  Hasher hasher;
  std::string out;
  write_hex(hasher.of({"nexus.audit.genesis.v1\n", instance_id, "\n", realm.tenant, "\n", realm.env, "\n"}), out);
  return out;
}

Digest row_hash(Hasher& hasher, Realm realm, std::int64_t seq, std::string_view prev_hash, const Digest& body,
                std::string& out) {
  char number[24];
  const auto end = std::to_chars(number, number + sizeof number, seq).ptr;
  const std::string_view seq_text(number, static_cast<std::size_t>(end - number));
  write_hex(body, out);
  const Digest digest =
      hasher.of({"nexus.audit.v1\n", realm.tenant, "\n", realm.env, "\n", seq_text, "\n", prev_hash, "\n", out, "\n"});
  write_hex(digest, out);
  return digest;
}

std::string row_hash(Realm realm, std::int64_t seq, std::string_view prev_hash, std::string_view body) {
  thread_local Hasher hasher;
  std::string out;
  row_hash(hasher, realm, seq, prev_hash, hasher.of({body}), out);
  return out;
}

}  // namespace nexus::audit
