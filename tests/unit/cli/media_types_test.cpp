// The media type of a file's name.
#include "cli/engine/media_types.hpp"

#include "tests/catch.hpp"

using nexus::cli::media_type_of;

TEST_CASE("a media type is guessed from the ending, in any case", "[cli]") {
  CHECK(media_type_of("clip.MP4") == "video/mp4");
  CHECK(media_type_of("a.tar.gz") == "application/gzip");
  CHECK(media_type_of("notes.md") == "text/markdown");
  CHECK(media_type_of("x.yml") == "application/yaml");
  for (const char* name : {"", ".", "file", "file.", "file.unknown", "a.b/c", "zip"}) {
    INFO(name);
    CHECK(media_type_of(name) == "application/octet-stream");
  }
}
