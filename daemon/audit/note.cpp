#include "daemon/audit/note.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"

namespace nexus::audit {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash and space begin a signature line
constexpr std::string_view kSuccessor = "key ";
constexpr std::string_view kPrivate = "PRIVATE+KEY+";
constexpr char kEd25519 = '\x01';
constexpr std::size_t kKeyBytes = 32, kSignatureBytes = 64, kIdBytes = 4;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string public_of(std::string_view seed) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size()), EVP_PKEY_free);
  std::string out(kKeyBytes, '\0');
  std::size_t length = out.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(out.data()), &length) != 1)
    throw std::runtime_error("Ed25519 is not available in OpenSSL");
  return out;
}

bool good_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7F && c != '+'; });
}

/// name, id in hex and raw key of `name+id+base64`.
struct KeyParts {
  std::string name, id, bytes;
};
std::optional<KeyParts> split_key(std::string_view text) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto bytes = unbase64(text.substr(second + 1));
  if (!bytes || bytes->size() != 1 + kKeyBytes || bytes->front() != kEd25519) return std::nullopt;
  KeyParts parts{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                 bytes->substr(1)};
  return good_name(parts.name) ? std::optional(parts) : std::nullopt;
}

std::string join_key(const std::string& name, const std::string& id, const std::string& bytes) {
  return name + "+" + hex(id) + "+" + base64(kEd25519 + bytes);
}

/// Takes one line off the front; nothing when there is no line end.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::int64_t> size_of(std::string_view text) {
  std::int64_t size = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool padded = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || stop != text.data() + text.size() || size < 0 || padded || text.front() == '-')
    return std::nullopt;
  return size;
}

/// Splits a note into its text with the last line end and its signature lines. Returns nothing when a part is missing.
std::optional<std::pair<std::string_view, std::string_view>> split_note(std::string_view note) {
  const auto gap = note.rfind("\n\n");
  if (gap == std::string_view::npos || !note.ends_with('\n')) return std::nullopt;
  return std::pair(note.substr(0, gap + 1), note.substr(gap + 2));
}

struct Signature {
  std::string_view name;
  std::string bytes;  // key id and signature
};
std::optional<std::vector<Signature>> signatures_of(std::string_view lines) {
  std::vector<Signature> out;
  while (!lines.empty()) {
    const auto line = take_line(lines);
    if (!line || !line->starts_with(kDash)) return std::nullopt;
    const auto rest = line->substr(kDash.size());
    const auto space = rest.find(' ');
    if (space == std::string_view::npos || !good_name(rest.substr(0, space))) return std::nullopt;
    const auto bytes = unbase64(rest.substr(space + 1));
    if (!bytes || bytes->size() <= kIdBytes) return std::nullopt;
    out.push_back({rest.substr(0, space), *bytes});
  }
  return out.empty() ? std::nullopt : std::optional(out);
}

bool verifies(const PublicKey& key, std::string_view message, std::string_view signature) {
  const Key evp(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(key.bytes), key.bytes.size()),
                EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return evp && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, evp.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

std::string text_of(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                     base64(as_text(checkpoint.root)) + "\nprev " + base64(as_text(checkpoint.prev)) + "\ntime " +
                     checkpoint.time + "\n";
  if (checkpoint.successor) text.append(kSuccessor).append(checkpoint.successor->text()).append("\n");
  return text;
}

std::string signature_line(std::string_view text, const SigningKey& key) {
  const std::string signature = key.public_key().id() + key.sign(text);
  return std::string(kDash).append(key.public_key().name).append(" ").append(base64(signature)).append("\n");
}

}  // namespace

std::string PublicKey::id() const {
  const Digest digest = sha256(name + "\n" + kEd25519 + bytes);
  return std::string(as_text(digest).substr(0, kIdBytes));
}

std::string PublicKey::text() const { return join_key(name, id(), bytes); }

std::optional<PublicKey> PublicKey::parse(std::string_view text) {
  const auto parts = split_key(text);
  if (!parts) return std::nullopt;
  const PublicKey key{parts->name, parts->bytes};
  return hex(key.id()) == parts->id ? std::optional(key) : std::nullopt;
}

SigningKey SigningKey::generate(std::string name) {
  std::string seed = random_bytes(kKeyBytes);
  PublicKey key{std::move(name), public_of(seed)};
  return {std::move(seed), std::move(key)};
}

std::optional<SigningKey> SigningKey::parse(std::string_view text) {
  if (!text.starts_with(kPrivate)) return std::nullopt;
  const auto parts = split_key(text.substr(kPrivate.size()));
  if (!parts) return std::nullopt;
  PublicKey key{parts->name, public_of(parts->bytes)};
  if (hex(key.id()) != parts->id) return std::nullopt;
  return SigningKey(parts->bytes, std::move(key));
}

std::string SigningKey::text() const { return std::string(kPrivate) + join_key(public_.name, public_.id(), seed_); }

std::optional<SigningKey> SigningKey::load(const std::filesystem::path& file, const std::string& name) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  const std::string text = read_file(file, 4096);
  auto key = parse(trim_ascii(text));
  if (!key) throw std::runtime_error(file.string() + " is no checkpoint key: restore it from a backup");
  if (key->public_key().name != name)
    throw std::runtime_error(file.string() + " is the key of " + key->public_key().name + ", not of " + name +
                             ": restore the key that belongs to this database");
  return key;
}

void SigningKey::save(const std::filesystem::path& file) const {
  std::filesystem::create_directories(file.parent_path());
  replace_file(file, text() + "\n");
}

std::string SigningKey::sign(std::string_view message) const {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed_), seed_.size()), EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string out(kSignatureBytes, '\0');
  std::size_t length = out.size();
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, bytes_of(message),
                     message.size()) != 1)
    throw std::runtime_error("Ed25519 signing failed");
  return out;
}

std::string make_note(const Checkpoint& checkpoint, const SigningKey& key) {
  const std::string text = text_of(checkpoint);
  return text + "\n" + signature_line(text, key);
}

std::string make_succession_note(Checkpoint checkpoint, const SigningKey& key, const SigningKey& next) {
  checkpoint.successor = next.public_key();
  return make_note(checkpoint, key) + signature_line(text_of(checkpoint), next);
}

std::optional<Checkpoint> parse_note(std::string_view note) {
  const auto parts = split_note(note);
  if (!parts || !signatures_of(parts->second)) return std::nullopt;
  std::string_view text = parts->first;
  const auto origin = take_line(text), size = take_line(text), root = take_line(text), prev = take_line(text),
             time = take_line(text);
  if (!time || origin->empty() || size->empty() || !prev->starts_with("prev ") || !time->starts_with("time "))
    return std::nullopt;
  const auto count = size_of(*size);
  const auto root_digest = digest_of(unbase64(*root)), prev_digest = digest_of(unbase64(prev->substr(5)));
  const auto at = parse_rfc3339(time->substr(5));
  if (!count || !root_digest || !prev_digest || !at || to_rfc3339(*at) != time->substr(5)) return std::nullopt;
  Checkpoint read{std::string(*origin), *count, *root_digest, *prev_digest, std::string(time->substr(5)), {}};
  if (text.empty()) return read;
  const auto key = take_line(text);
  if (!key || !text.empty() || !key->starts_with(kSuccessor)) return std::nullopt;
  read.successor = PublicKey::parse(key->substr(kSuccessor.size()));
  return read.successor ? std::optional(read) : std::nullopt;
}

bool is_signed_by(std::string_view note, const PublicKey& key) {
  const auto parts = split_note(note);
  const auto signatures = parts ? signatures_of(parts->second) : std::nullopt;
  if (!signatures) return false;
  const std::string id = key.id();
  return std::ranges::any_of(*signatures, [&](const Signature& signature) {
    const std::string_view bytes = signature.bytes;
    return signature.name == key.name && bytes.starts_with(id) && verifies(key, parts->first, bytes.substr(kIdBytes));
  });
}

}  // namespace nexus::audit
