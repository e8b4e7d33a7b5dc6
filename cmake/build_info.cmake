# Every build runs this: cmake -DSOURCE=DIR -DOUT=FILE -DVERSION=… -DCOMPILER=… -DTYPE=… -DSYSTEM=… -P build_info.cmake
# It writes OUT, which defines nexus::kBuildInfo (daemon/base/build_info.hpp), unless it says so already.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=40 "--exclude=*"
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit "")
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT "// Made by cmake/build_info.cmake; do not edit.
#include \"daemon/base/build_info.hpp\"
namespace nexus {
const BuildInfo kBuildInfo = {\"${VERSION}\", \"${commit}\", \"${COMPILER}\", \"${TYPE}\", \"${SYSTEM}\"};
}  // namespace nexus
")
