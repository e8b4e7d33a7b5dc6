#include "daemon/app/object_home.hpp"

#include "daemon/blobs/storage_key.hpp"
#include "daemon/config/resolve.hpp"
#include "store/identity.hpp"
#include "store/objects.hpp"

namespace nexus::app {
namespace {

constexpr std::string_view kHome = "object_home";

std::string home_of(const Config& config) {
  return (config.blobs == BlobBackend::s3 ? "s3 " : "local ") + config.s3_bucket;
}

/// `backend bucket`, as recorded. A store of an older build records neither: its objects name the bucket, and the
/// configured backend is trusted.
std::optional<std::string> home_on_record(const store::Reader& reader, const Config& config) {
  if (auto home = store::find_meta(reader, kHome)) return home;
  const auto object = blobs::StorageKey::parse_uri(store::find_any_object_uri(reader));
  if (!object) return std::nullopt;
  return (config.blobs == BlobBackend::s3 ? "s3 " : "local ") + object->bucket;
}

std::string spoken(const std::string& home) {
  const std::size_t blank = home.find(' ');
  return "bucket " + home.substr(blank + 1) + " (blobs=" + home.substr(0, blank) + ")";
}

}  // namespace

std::optional<std::string> object_home_fault(const store::Reader& reader, const Config& config) {
  const auto home = home_on_record(reader, config);
  if (!home || *home == home_of(config) || !store::has_objects(reader)) return std::nullopt;
  return "the objects on record lie in " + spoken(*home) + ", not in " + spoken(home_of(config));
}

void keep_object_home(store::Database& database, const Config& config) {
  std::optional<std::string> recorded;
  {
    auto lease = database.read();
    if (const auto fault = object_home_fault(lease.reader(), config))
      throw ConfigError("s3-bucket", "configuration", *fault,
                        "start with the bucket and the backend that hold them; in another one every file is absent");
    recorded = store::find_meta(lease.reader(), kHome);
  }
  if (recorded == home_of(config)) return;
  database.writer().apply([&](store::Tx& tx) { store::put_meta(tx, kHome, home_of(config)); });
}

}  // namespace nexus::app
