# Turns migrations/NNNN_name.sql into one C++ file: an array of {version, name, sql}, in order of the number.
# The text goes in as raw string pieces, so that the checksum is that of the file's own bytes.

# embed_migrations(OUT FUNCTION HEADER FILE...): writes OUT, which defines the FUNCTION that HEADER declares, unless it
# says so already.
function(embed_migrations out name_of_function header)
  list(SORT ARGN)
  set(body "")
  foreach(file IN LISTS ARGN)
    get_filename_component(stem ${file} NAME_WE)
    string(REGEX MATCH "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$" ok ${stem})
    if(NOT ok)
      message(FATAL_ERROR "migration ${file}: the name must be NNNN_name.sql")
    endif()
    math(EXPR version "${CMAKE_MATCH_1}")
    set(name ${CMAKE_MATCH_2})
    file(READ ${file} sql)
    string(APPEND body "    {${version}, \"${name}\", R\"SQL(${sql})SQL\"},\n")
  endforeach()
  file(WRITE ${out}.new "// Made by migrations/embed.cmake; do not edit.
#include \"${header}\"
namespace nexus::store {
namespace {
constexpr Migration kMigrations[] = {
${body}};
}  // namespace
std::span<const Migration> ${name_of_function}() { return kMigrations; }
}  // namespace nexus::store
")
  file(COPY_FILE ${out}.new ${out} ONLY_IF_DIFFERENT)
endfunction()
