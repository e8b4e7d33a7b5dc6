// What counts as our own storage, on a store elsewhere: its endpoint, its bucket in path and in host.
#include "daemon/media/source_uri.hpp"
#include "tests/catch.hpp"

namespace nexus::media {
namespace {

/// Only tells where it is.
class Elsewhere : public blobs::BlobStore {
 public:
  explicit Elsewhere(std::string base) : base_(std::move(base)) {}
  std::string_view name() const override { return "s3"; }
  const std::string& bucket() const override { return bucket_; }
  blobs::UploadGrant presign_upload(const blobs::UploadRequest&, Micros, std::string_view) override { return {}; }
  bool is_write_once() const override { return false; }
  std::string presign_download(const blobs::DownloadRequest& download, Micros, std::string_view) override {
    return base_ + download.key.str() + "?X-Amz-Signature=0";
  }
  std::optional<blobs::ObjectInfo> head(const blobs::StorageKey&, std::string_view) override { return std::nullopt; }
  std::unique_ptr<blobs::ObjectWriter> write(blobs::UploadTerms) override { return nullptr; }
  std::unique_ptr<blobs::ObjectReader> read(const blobs::StorageKey&, std::string_view) override { return nullptr; }
  bool remove(const blobs::StorageKey&, std::string_view) override { return false; }

 private:
  std::string base_, bucket_ = "acme-blobs";
};

bool ours(Elsewhere& store, std::string_view uri) {
  return is_ours(uri, store, *TenantId::parse("t_a"), Env::prod, "https://nexus.example");
}

}  // namespace

TEST_CASE("an address at our endpoint is ours, whichever way the bucket is named") {
  Elsewhere by_path("https://s3.example/acme-blobs/"), by_host("https://acme-blobs.s3.example/"),
      minio("http://127.0.0.1:9000/acme-blobs/");
  for (const char* uri : {"https://s3.example/acme-blobs/x", "https://S3.EXAMPLE:443/other", "https://s3.example./x",
                          "https://acme-blobs.s3.example/x", "https://%73%33.example/x", "s3://acme-blobs/x",
                          "https://nexus.example/livez", "https://u@nexus.example:443/"}) {
    INFO(uri);
    CHECK(ours(by_path, uri));
    CHECK(ours(by_host, uri));
  }
  for (const char* uri : {"https://s3.example.org/acme-blobs/x", "https://other.s3.example/x", "s3://other/x",
                          "https://s3.example:8443/x", "https://cdn.example/acme-blobs/x", "not a uri"}) {
    INFO(uri);
    CHECK_FALSE(ours(by_path, uri));
  }
  CHECK(ours(minio, "http://localhost:9000/x"));
  CHECK(ours(minio, "http://[::1]:9000/x"));
  CHECK_FALSE(ours(minio, "http://localhost:8000/x"));
}

TEST_CASE("a source address is https with a host and no user, http in dev alone") {
  const std::string longest = "https://a.example/" + std::string(2048 - 18, 'x');
  CHECK_FALSE(source_uri_fault(longest, Env::prod));
  CHECK(source_uri_fault(longest + "x", Env::prod));
  CHECK_FALSE(source_uri_fault("http://a.example", Env::dev));
  for (const Env env : {Env::staging, Env::prod}) CHECK(source_uri_fault("http://a.example", env));
  for (const char* uri :
       {"", "a", "//a.example", "https:a.example", "https://", "https://:443/", "https://@a.example/",
        "https://u:p@a.example/", "ftp://a.example/", "https://a.example/ x", "https://a.example/\\x"}) {
    INFO(uri);
    CHECK(source_uri_fault(uri, Env::dev));
  }
}

}  // namespace nexus::media
