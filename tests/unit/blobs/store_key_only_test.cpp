// What must not compile: a call to a store with anything but a StorageKey, and a StorageKey out of a string.
#include <string>
#include <type_traits>

#include "daemon/blobs/backend.hpp"
#include "tests/catch.hpp"

namespace nexus::blobs {
namespace {

template <class Key>
concept Heads = requires(BlobStore& store, Key key) {
  store.head(key, {});
};
template <class Key>
concept Reads = requires(BlobStore& store, Key key) {
  store.read(key, {});
};
template <class Key>
concept Removes = requires(BlobStore& store, Key key) {
  store.remove(key, {});
};
template <class Key>
concept Writes = requires(BlobStore& store, Key key) {
  store.write({.key = key});
};
template <class Key>
concept PresignsUploads = requires(BlobStore& store, Key key) {
  store.presign_upload({.key = key}, 0, "");
};
template <class Key>
concept PresignsDownloads = requires(BlobStore& store, Key key) {
  store.presign_download({key, "", ""}, 0, "");
};

template <class Key>
inline constexpr bool taken_everywhere =
    Heads<Key>&& Reads<Key>&& Removes<Key>&& Writes<Key>&& PresignsUploads<Key>&& PresignsDownloads<Key>;
template <class Key>
inline constexpr bool taken_somewhere =
    Heads<Key> || Reads<Key> || Removes<Key> || Writes<Key> || PresignsUploads<Key> || PresignsDownloads<Key>;

static_assert(taken_everywhere<const StorageKey&>);
static_assert(!taken_somewhere<std::string>);
static_assert(!taken_somewhere<std::string_view>);
static_assert(!taken_somewhere<const char*>);
static_assert(!taken_somewhere<std::filesystem::path>);
static_assert(!taken_somewhere<std::optional<StorageKey>>);
static_assert(!taken_somewhere<ObjectUri>);

static_assert(!std::is_default_constructible_v<StorageKey>);
static_assert(!std::is_constructible_v<StorageKey, std::string>);
static_assert(!std::is_constructible_v<StorageKey, const char*>);
static_assert(!std::is_constructible_v<StorageKey, std::string_view>);
static_assert(!std::is_constructible_v<StorageKey, TenantId, Env, Plane, std::string_view, std::string>);
static_assert(!std::is_default_constructible_v<UploadTerms>);
static_assert(!std::is_default_constructible_v<UploadRequest>);

TEST_CASE("a store call without a StorageKey does not compile") { SUCCEED("the assertions above are the test"); }

}  // namespace
}  // namespace nexus::blobs
