# The build finds a slice's routes, problem codes, commands and sweep lines by their place; no list names them. Each of
# these functions scans files at configure time and writes one C++ file that names all of them.

# nexus_write(OUT TEXT): writes OUT unless it says so already.
function(nexus_write out text)
  file(CONFIGURE OUTPUT ${out} CONTENT "// Made by cmake/gathered.cmake; do not edit.\n${text}" @ONLY)
endfunction()

# nexus_slices(OUT): the names of the folders of daemon/ that have a routes.cpp.
function(nexus_slices out)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/daemon/*/routes.cpp)
  list(TRANSFORM files REPLACE ".*/daemon/([a-z_]+)/routes.cpp" "\\1")
  set(${out} ${files} PARENT_SCOPE)
endfunction()

# nexus_gather_routes(OUT SLICE...): calls the `add_routes` of each slice (daemon/domain/services.hpp).
function(nexus_gather_routes out)
  set(declared "")
  set(called "")
  foreach(slice IN LISTS ARGN)
    string(APPEND declared "namespace nexus::${slice} {\n"
                           "void add_routes(http::RouteTable&, const domain::Services&);\n}\n")
    string(APPEND called "  ${slice}::add_routes(routes, services);\n")
  endforeach()
  nexus_write(${out} "#include \"daemon/domain/services.hpp\"
#include \"daemon/http/route.hpp\"
${declared}
namespace nexus::domain {
void add_routes_of_slices(http::RouteTable& routes, const Services& services) {
${called}  routes.complete();
}
}  // namespace nexus::domain
")
endfunction()

# nexus_gather_codes(OUT FILE...): one array of each `inline constexpr CodeInfo NAME{` of these problems.hpp.
function(nexus_gather_codes out)
  set(included "")
  set(codes "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(RELATIVE_PATH header ${CMAKE_SOURCE_DIR} ${file})
    string(APPEND included "#include \"${header}\"\n")
    file(STRINGS ${file} lines REGEX "^inline constexpr CodeInfo [a-z_]+{")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^inline constexpr CodeInfo ([a-z_]+){.*" "\\1" name "${line}")
      string(APPEND codes "    &problems::${name},\n")
    endforeach()
  endforeach()
  nexus_write(${out} "#include \"daemon/problems.hpp\"
${included}namespace nexus {
namespace {
constexpr const CodeInfo* kCodes[] = {
${codes}};
}  // namespace
std::span<const CodeInfo* const> all_codes() { return kCodes; }
}  // namespace nexus
")
endfunction()

# nexus_gather(OUT TYPE PATTERN HEADER NAMESPACE FUNCTION FILE...): finds each `TYPE NAME() {` at the beginning of a
# line whose NAME matches PATTERN. It writes `std::vector<TYPE> FUNCTION()`, which calls them in the order of the files.
# HEADER declares TYPE. A private function must not have such a name: the linker would miss it.
function(nexus_gather out type pattern header space function)
  set(declared "")
  set(called "")
  foreach(file IN LISTS ARGN)
    file(STRINGS ${file} lines REGEX "^${type} ${pattern}\\(\\) {")
    if(lines)  # a change of these lines configures anew
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    endif()
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^${type} (${pattern})\\(\\) .*" "\\1" name "${line}")
      string(APPEND declared "${type} ${name}();\n")
      string(APPEND called "      ${name}(),\n")
    endforeach()
  endforeach()
  nexus_write(${out} "#include \"${header}\"
namespace ${space} {
${declared}std::vector<${type}> ${function}() {
  return {
${called}  };
}
}  // namespace ${space}
")
endfunction()
