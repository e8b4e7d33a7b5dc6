// The media type of a file, guessed from the ending of its name.
#pragma once
#include <string>
#include <string_view>

namespace nexus::cli {

/// Returns video/mp4 for `clip.MP4`, and application/octet-stream for an unknown ending. Names as registered with IANA.
std::string media_type_of(std::string_view filename);

}  // namespace nexus::cli
