// A round trip through an S3-compatible server as clients make it, to find faults before the first upload: a presigned
// form, a HEAD, a presigned link, a part of a large write, a removal. For `nexusd check`.
#pragma once
#include <functional>
#include <string>

#include "daemon/blobs/s3_client.hpp"

namespace nexus::blobs {

/// Called for each step with its success, its name, and the server's answer.
using TrialReport = std::function<void(bool ok, const std::string& step, const std::string& found)>;

/// Creates one small object of tenant t_system and removes it. Stops at the first failed step. Blocks.
void try_round_trip(S3Options options, const TrialReport& report);

}  // namespace nexus::blobs
