# Unity builds: the compiler reads several sources of one library as one, so that it reads headers and makes templates
# once for all of them. That halves the time of a first build. NEXUS_UNITY=OFF (preset debug) compiles each file alone,
# for whoever changes one file again and again.
#
# Two files of one group must not use one private name in one namespace. A folder has a namespace, so the files of a
# small folder never share a group; where a large one (store, cli/commands) has a name twice, the compiler says
# "redefinition", and the name is to be made more telling.
option(NEXUS_UNITY "compile the sources of a library in groups" OFF)
# About 1100 lines: the longest group stays well below 40 s.
set(NEXUS_UNITY_BYTES 40000 CACHE STRING "how many bytes of source one group holds")
if(NEXUS_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # To GCC a grouped source is a header: it warns of what is private there. Builds without groups go on asking.
  add_compile_options(-Wno-subobject-linkage)
endif()

# nexus_sizes(TOTAL COUNT FILE...): the bytes of these files, and how many groups hold them.
function(nexus_sizes total count)
  set(bytes 0)
  foreach(file IN LISTS ARGN)
    file(SIZE ${file} size)
    math(EXPR bytes "${bytes} + ${size}")
  endforeach()
  math(EXPR groups "(${bytes} + ${NEXUS_UNITY_BYTES} / 2) / ${NEXUS_UNITY_BYTES}")
  if(groups EQUAL 0)
    set(groups 1)
  endif()
  set(${total} ${bytes} PARENT_SCOPE)
  set(${count} ${groups} PARENT_SCOPE)
endfunction()

# nexus_cut(NAME FILE...): cuts the files of a large folder, in order of their names, into groups of like size.
function(nexus_cut name)
  nexus_sizes(total count ${ARGN})
  set(before 0)
  foreach(file IN LISTS ARGN)
    file(SIZE ${file} size)
    math(EXPR group "(${before} + ${size} / 2) * ${count} / ${total}")  # the part that holds the file's middle
    math(EXPR before "${before} + ${size}")
    set_source_files_properties(${file} PROPERTIES UNITY_GROUP ${name}_${group})
  endforeach()
endfunction()

# nexus_spread(FOLDER COUNT FILE...): deals the files of a small folder to that many groups. Where it begins depends on
# the folder's name alone: a new folder moves no file of another.
function(nexus_spread folder count)
  string(MD5 hash ${folder})
  string(SUBSTRING ${hash} 0 6 hash)
  math(EXPR group "0x${hash}")
  foreach(file IN LISTS ARGN)
    math(EXPR group "(${group} + 1) % ${count}")
    set_source_files_properties(${file} PROPERTIES UNITY_GROUP small_${group})
  endforeach()
endfunction()

# nexus_unity(TARGET FILE...): groups the sources of a library.
function(nexus_unity target)
  if(NOT NEXUS_UNITY)
    return()
  endif()
  nexus_sizes(total limit ${ARGN})
  set(small "")
  set(count 1)
  foreach(file IN LISTS ARGN)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${file})
    get_filename_component(folder ${folder} DIRECTORY)
    list(APPEND folders ${folder})
    list(APPEND files_${folder} ${file})
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(folder IN LISTS folders)
    list(LENGTH files_${folder} length)
    if(length LESS_EQUAL limit)
      list(APPEND small ${files_${folder}})
      list(APPEND small_folders ${folder})
      if(length GREATER count)
        set(count ${length})
      endif()
    else()
      string(MAKE_C_IDENTIFIER ${folder} name)
      nexus_cut(${name} ${files_${folder}})
    endif()
  endforeach()
  list(LENGTH small_folders length)
  if(length EQUAL 1)
    nexus_cut(small ${small})
    set(small_folders "")
  endif()
  nexus_sizes(total groups ${small})
  if(groups GREATER count)
    set(count ${groups})
  endif()
  foreach(folder IN LISTS small_folders)
    nexus_spread(${folder} ${count} ${files_${folder}})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
