# Every build runs this: cmake -DSOURCE=DIR -DOUT=FILE -DVERSION=… -DCOMPILER=… -DTYPE=… -DSYSTEM=… -P build_info.cmake
# It writes OUT, which defines nexus::kBuildInfo (daemon/base/build_info.hpp), unless it says so already.
set(commit "")
if(EXISTS ${SOURCE}/.git)  # not that of a repository around an unpacked tree
  set(git git -C ${SOURCE} --no-optional-locks)
  execute_process(COMMAND ${git} rev-parse HEAD OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${git} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
  if(commit AND changes)
    string(APPEND commit "-dirty")
  endif()
elseif(EXISTS ${SOURCE}/COMMIT)  # whoever copied the tree wrote it down
  file(STRINGS ${SOURCE}/COMMIT commit LIMIT_COUNT 1)
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT "// Made by cmake/build_info.cmake; do not edit.
#include \"daemon/base/build_info.hpp\"
namespace nexus {
const BuildInfo kBuildInfo = {\"${VERSION}\", \"${commit}\", \"${COMPILER}\", \"${TYPE}\", \"${SYSTEM}\"};
}  // namespace nexus
")
