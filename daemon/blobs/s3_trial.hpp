// A round trip through an S3-compatible server as clients make it, to find out before the first upload what is wrong:
// a presigned form, a look, a presigned link, a part of a large write, a removal. For `nexusd check`.
#pragma once
#include <functional>
#include <string>

#include "daemon/blobs/s3_client.hpp"

namespace nexus::blobs {

/// Told of each step: whether it went well, its name, and what the server answered.
using TrialReport = std::function<void(bool ok, const std::string& step, const std::string& found)>;

/// Makes one small object of tenant t_system and removes it. Stops at the first step that failed. Blocks.
void try_round_trip(S3Options options, const TrialReport& report);

}  // namespace nexus::blobs
