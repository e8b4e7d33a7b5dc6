# Unity builds: the compiler reads several sources of one library as one, so that it reads headers and makes templates
# once for all of them. That halves the time of a first build. NEXUS_UNITY=OFF (preset debug) compiles each file alone,
# for whoever changes one file again and again.
#
# The files of a folder stand together, because they use the same templates. Two of them must not use one private name
# in one namespace: the compiler then says "redefinition", and the name is to be made more telling.
option(NEXUS_UNITY "compile the sources of a library in groups" OFF)
if(NEXUS_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # To GCC a grouped source is a header: it warns of what is private there. Builds without groups go on asking.
  add_compile_options(-Wno-subobject-linkage)
endif()

# nexus_unity(TARGET BYTES FILE...): cuts the sources of a target, in order of their paths, into groups of like size,
# which is about that many bytes.
function(nexus_unity target bytes)
  if(NOT NEXUS_UNITY)
    return()
  endif()
  set(total 0)
  foreach(file IN LISTS ARGN)
    file(SIZE ${file} size)
    math(EXPR total "${total} + ${size}")
  endforeach()
  math(EXPR count "(${total} + ${bytes} / 2) / ${bytes}")
  if(count EQUAL 0)
    set(count 1)
  endif()
  set(before 0)
  foreach(file IN LISTS ARGN)
    file(SIZE ${file} size)
    math(EXPR group "(${before} + ${size} / 2) * ${count} / ${total}")  # the part that holds the file's middle
    math(EXPR before "${before} + ${size}")
    set_source_files_properties(${file} PROPERTIES UNITY_GROUP group_${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
