// Keys: one way in, one shape, nothing that climbs.
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

using testing::key_of;

TEST_CASE("a key has the contract's shape and gives its parts back") {
  const auto key =
      StorageKey::make(*TenantId::parse("t_acme"), Env::staging, Plane::media_v2, "019a-b.c", "C:\\x\\Clip.mp4");
  CHECK(key.str() == "tenants/t_acme/staging/media_v2/019a-b.c/Clip.mp4");
  CHECK(key.tenant().str() == "t_acme");
  CHECK(key.env() == Env::staging);
  CHECK(key.plane() == Plane::media_v2);
  CHECK(key.owner() == "019a-b.c");
  CHECK(key.filename() == "Clip.mp4");
  CHECK(key.uri("nexus") == "s3://nexus/tenants/t_acme/staging/media_v2/019a-b.c/Clip.mp4");
  CHECK(key.belongs_to(*TenantId::parse("t_acme"), Env::staging));
  CHECK_FALSE(key.belongs_to(*TenantId::parse("t_acme"), Env::prod));
  CHECK_FALSE(key.belongs_to(*TenantId::parse("t_acm"), Env::staging));
}

TEST_CASE("every plane and env parses back to the same key") {
  for (const Plane plane : {Plane::raw, Plane::media_v2, Plane::canvas, Plane::atoms})
    for (const Env env : {Env::dev, Env::staging, Env::prod}) {
      const auto key = StorageKey::make(*TenantId::parse("t_a"), env, plane, "o", "Größe 日本.tar.gz");
      const auto parsed = StorageKey::parse(key.str());
      REQUIRE(parsed);
      CHECK(*parsed == key);
      CHECK(parsed->plane() == plane);
      CHECK(parsed->env() == env);
    }
}

TEST_CASE("no other spelling is a key") {
  const std::string name180(180, 'a');
  REQUIRE(StorageKey::parse("tenants/t_a/dev/raw/o/" + name180));
  for (const std::string& text : std::vector<std::string>{"",
                                                          "/",
                                                          "tenants",
                                                          "tenants/t_a/dev/raw/o",
                                                          "tenants/t_a/dev/raw/o/",
                                                          "/tenants/t_a/dev/raw/o/f",
                                                          "tenants/t_a/dev/raw/o/f/",
                                                          "tenants//t_a/dev/raw/o/f",
                                                          "tenants/t_a/dev/raw/o/g/f",
                                                          "Tenants/t_a/dev/raw/o/f",
                                                          "tenants/t_a/DEV/raw/o/f",
                                                          "tenants/t_a/stage/raw/o/f",
                                                          "tenants/t_a/dev/RAW/o/f",
                                                          "tenants/t_a/dev/rawx/o/f",
                                                          "tenants/t_unknown/dev/raw/o/f",
                                                          "tenants/acme/dev/raw/o/f",
                                                          "tenants/../dev/raw/o/f",
                                                          "tenants/t_a/../raw/o/f",
                                                          "tenants/t_a/dev/raw/../f",
                                                          "tenants/t_a/dev/raw/./f",
                                                          "tenants/t_a/dev/raw/o/..",
                                                          "tenants/t_a/dev/raw/o/.",
                                                          "tenants/t_a/dev/raw/o/.hidden",
                                                          "tenants/t_a/dev/raw/o/.meta.f",
                                                          "tenants/t_a/dev/raw/o/..\\f",
                                                          "tenants/t_a/dev/raw/o/a\\b",
                                                          "tenants/t_a/dev/raw/o/a:b",
                                                          std::string("tenants/t_a/dev/raw/o/a\0b", 25),
                                                          "tenants/t_a/dev/raw/o/a\nb",
                                                          "tenants/t_a/dev/raw/o/\xFF",
                                                          "tenants/t_a/dev/raw/o/a\xC2\x85",
                                                          "tenants/t_a/dev/raw/o/" + name180 + "a",
                                                          "tenants/t_a/dev/raw/" + std::string(129, 'o') + "/f",
                                                          "tenants/t_a/dev/raw/o/e\xCC\x81",
                                                          "tenants/t_a/dev/raw/%2e%2e/f",
                                                          "tenants/t_a/dev/raw/o%2Fp/f"}) {
    INFO(text);
    CHECK_FALSE(StorageKey::parse(text));
  }
}

TEST_CASE("make refuses what its caller should have refused") {
  const auto tenant = *TenantId::parse("t_a");
  CHECK_THROWS_AS(StorageKey::make(tenant, Env::dev, Plane::raw, "../o", "f"), std::invalid_argument);
  CHECK_THROWS_AS(StorageKey::make(tenant, Env::dev, Plane::raw, "", "f"), std::invalid_argument);
  CHECK_THROWS_AS(StorageKey::make(tenant, Env::dev, Plane::raw, "o", ""), std::invalid_argument);
  CHECK_THROWS_AS(StorageKey::make(tenant, Env::dev, Plane::raw, "o", std::string_view("a\0b", 3)),
                  std::invalid_argument);
}

TEST_CASE("uris parse only with a bucket and a key") {
  const auto uri = StorageKey::parse_uri(key_of().uri("my.bucket-1"));
  REQUIRE(uri);
  CHECK(uri->bucket == "my.bucket-1");
  CHECK(uri->key == key_of());
  for (const auto text : {"", "s3://", "s3://nexus", "s3://nexus/", "S3://nexus/tenants/t_a/dev/raw/o/f",
                          "https://nexus/tenants/t_a/dev/raw/o/f", "s3:///tenants/t_a/dev/raw/o/f",
                          "s3://../tenants/t_a/dev/raw/o/f", "s3://.tmp/tenants/t_a/dev/raw/o/f",
                          "s3://nexus/tenants/t_a/dev/raw/o/..", "s3://nexus//tenants/t_a/dev/raw/o/f"}) {
    INFO(text);
    CHECK_FALSE(StorageKey::parse_uri(text));
  }
}

TEST_CASE("bucket names follow S3's rules") {
  for (const auto name : {"nexus", "a-b", "my.bucket.1", "abc"}) CHECK(is_bucket_name(name));
  CHECK(is_bucket_name(std::string(63, 'a')));
  for (const auto name : {"", "ab", ".tmp", "a..b", "-ab", "ab-", "Nexus", "a_b", "a/b", "..", "..."})
    CHECK_FALSE(is_bucket_name(name));
  CHECK_FALSE(is_bucket_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace nexus::blobs
