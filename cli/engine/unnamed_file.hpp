// Files that have no name until their content is complete. Linux knows such files (O_TMPFILE), on most file systems.
// POSIX does not: its twin never makes one, and the caller writes under a temporary name.
#pragma once
#include <sys/types.h>

#include <filesystem>

#include "daemon/base/file.hpp"

namespace nexus::cli {

/// Opens a new file without a name in `directory`, for reading and writing. The process's umask cuts `mode`. Returns an
/// empty Fd where no such file can be made.
Fd open_unnamed(const std::filesystem::path& directory, mode_t mode);

/// Gives the file a name in its directory. Returns false with errno set, EEXIST where something has that name already.
bool name_unnamed(const Fd& file, const std::filesystem::path& name);

}  // namespace nexus::cli
