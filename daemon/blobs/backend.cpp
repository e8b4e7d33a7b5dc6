#include "daemon/blobs/backend.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::blobs {
namespace {

std::string without_last_slash(std::string_view base) {
  if (base.ends_with('/')) base.remove_suffix(1);
  return std::string(base);
}

class LocalReader : public ObjectReader {
 public:
  explicit LocalReader(OpenObject object) : object_(std::move(object)) {}
  const ObjectInfo& info() const override { return object_.info; }

  std::string_view read(std::size_t most) override {
    buffer_.resize(most);
    const ssize_t got = ::pread(object_.file.get(), buffer_.data(), most, static_cast<off_t>(offset_));
    // An object is written once and completely: fewer bytes than its size mean a failed disk.
    if (got < 0 || (got == 0 && most > 0 && offset_ < object_.info.size)) throw Problem(problems::storage_unavailable);
    offset_ += static_cast<std::uint64_t>(got);
    return std::string_view(buffer_).substr(0, static_cast<std::size_t>(got));
  }

 private:
  OpenObject object_;
  std::string buffer_;
  std::uint64_t offset_ = 0;
};

constexpr std::string_view kPrefix = "nxl_";
constexpr std::size_t kFileBytesMax = 1024;
constexpr std::size_t kSecretBytesMin = 32;

Credentials create_credentials(const std::filesystem::path& path) {
  Credentials made{std::string(kPrefix) + hex(sha256(random_bytes(32))).substr(0, 16), base64url(random_bytes(32))};
  replace_file(path, made.access_key_id + "\n" + made.secret + "\n");
  return made;
}

Credentials parse_credentials(std::string_view text) {
  const auto lines = split(text, '\n');
  const bool whole = lines.size() == 3 && lines[2].empty() && lines[0].starts_with(kPrefix) &&
                     lines[0].find('/') == std::string_view::npos && lines[1].size() >= kSecretBytesMin;
  if (!whole) throw std::runtime_error("the local store's key file is not two lines, key id and secret");
  return {std::string(lines[0]), std::string(lines[1])};
}

void check_private(const std::filesystem::path& path) {
  struct stat status {};
  const Fd file = open_file(path, O_RDONLY | O_NOFOLLOW);
  if (::fstat(file.get(), &status) != 0 || (status.st_mode & 077) != 0)
    throw std::runtime_error("the local store's key file is open to others; it must have mode 0600");
}

}  // namespace

LocalBlobStore::LocalBlobStore(LocalStore& store, Credentials credentials, std::string bucket, std::string region)
    : store_(store), credentials_(std::move(credentials)), bucket_(std::move(bucket)), region_(std::move(region)) {
  if (!is_bucket_name(bucket_)) throw std::invalid_argument("not a bucket name");
}

UploadGrant LocalBlobStore::presign_upload(const UploadRequest& upload, Micros now, std::string_view public_base_url) {
  const PostRequest request{bucket_, upload.key.str(), upload.content_type, upload.bytes_max, upload.sha256};
  PostForm form = sign_post_policy(request, credentials_, region_, now);
  return {without_last_slash(public_base_url) + "/blobs/" + bucket_, std::move(form.fields), form.expires_at};
}

std::string LocalBlobStore::presign_download(const DownloadRequest& download, Micros now,
                                             std::string_view public_base_url) {
  const GetRequest request{.base = without_last_slash(public_base_url),
                           .path = object_prefix() + download.key.str(),
                           .content_disposition = content_disposition(download.filename),
                           .content_type = download.content_type};
  return presign_get(request, credentials_, region_, now);
}

std::unique_ptr<ObjectReader> LocalBlobStore::read(const StorageKey& key, std::string_view) {
  auto object = store_.open(bucket_, key);
  if (!object) return nullptr;
  return std::make_unique<LocalReader>(std::move(*object));
}

VerifiedForm LocalBlobStore::verify_upload(std::string_view bucket_in_path, const Fields& fields, Micros now) const {
  if (bucket_in_path != bucket_) throw Problem(problems::blob_not_found);
  return verify_post_form(fields, {credentials_, region_}, bucket_, now);
}

VerifiedGet LocalBlobStore::verify_download(const SentGet& sent, Micros now) const {
  return verify_presigned_get(sent, {credentials_, region_}, object_prefix(), now);
}

Credentials load_or_create_credentials(const std::filesystem::path& path) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(path))) return create_credentials(path);
  check_private(path);
  return parse_credentials(read_file(path, kFileBytesMax));
}

}  // namespace nexus::blobs
