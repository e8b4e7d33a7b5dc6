# What `cmake --install` does beyond copying: pages are compressed, and texts that name paths get the real ones. These
# functions run at installation, when CMAKE_INSTALL_PREFIX is known. SOURCE and BUILD are the project's directories.

# Puts CONTENT into the folder below the prefix, under NAME.
function(nexus_install_text folder name content)
  file(WRITE ${BUILD}/packaging/${name} "${content}")
  file(INSTALL ${BUILD}/packaging/${name} DESTINATION "${CMAKE_INSTALL_PREFIX}/${folder}" ${ARGN})
endfunction()

# Puts FILE into the folder below the prefix as NAME.gz, without name and time inside, so that it is the same each time.
function(nexus_install_compressed folder name file)
  file(MAKE_DIRECTORY ${BUILD}/packaging)
  execute_process(COMMAND gzip -9nc ${file} OUTPUT_FILE ${BUILD}/packaging/${name}.gz COMMAND_ERROR_IS_FATAL ANY)
  file(INSTALL ${BUILD}/packaging/${name}.gz DESTINATION "${CMAKE_INSTALL_PREFIX}/${folder}")
endfunction()

# Compresses and installs the pages that match the patterns.
function(nexus_install_pages)
  list(TRANSFORM ARGN PREPEND ${BUILD}/man/)
  file(GLOB pages ${ARGN})
  foreach(page IN LISTS pages)
    cmake_path(GET page FILENAME name)
    string(REGEX REPLACE ".*\\." "" section ${name})
    nexus_install_compressed(share/man/man${section} ${name} ${page})
  endforeach()
endfunction()

function(nexus_install_units)
  foreach(name IN LISTS ARGN)
    file(READ ${SOURCE}/packaging/${name} unit)
    string(REPLACE "/usr/bin/nexusd" "${CMAKE_INSTALL_PREFIX}/bin/nexusd" unit "${unit}")
    if(NOT SYSTEMD)  # a daemon that tells the manager nothing would never count as started
      string(REPLACE "Type=notify" "Type=exec" unit "${unit}")
      string(REGEX REPLACE "WatchdogSec=[^\n]*\n" "" unit "${unit}")
    endif()
    nexus_install_text(lib/systemd/system ${name} "${unit}")
  endforeach()
endfunction()

# Debian wants its interpreter by its path.
function(nexus_install_verifier)
  file(READ ${SOURCE}/tests/audit/verify.py script)
  string(REPLACE "#!/usr/bin/env python3" "#!/usr/bin/python3" script "${script}")
  nexus_install_text(bin nexus-audit-verify "${script}" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
                     GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endfunction()

# The settings of the machine, where none are yet: nexusd reads /etc/nexus/nexusd.toml wherever it stands itself.
function(nexus_install_settings)
  set(folder /etc/nexus)
  if(NOT CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?$")
    set(folder ${CMAKE_INSTALL_PREFIX}/etc/nexus)
  endif()
  if(NOT EXISTS "$ENV{DESTDIR}${folder}/nexusd.toml")
    file(INSTALL ${SOURCE}/packaging/nexusd.toml DESTINATION "${folder}")
  endif()
endfunction()

# Licence and changes of a package; of one for Debian, its own changelog too.
function(nexus_install_papers package)
  set(folder share/doc/${package})
  file(INSTALL ${SOURCE}/LICENSE DESTINATION "${CMAKE_INSTALL_PREFIX}/${folder}" RENAME copyright)
  nexus_install_compressed(${folder} changelog ${SOURCE}/CHANGELOG.md)
  if(DEBIAN_VERSION AND CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
    file(WRITE ${BUILD}/packaging/${package}.debian "${package} (${DEBIAN_VERSION}) unstable; urgency=medium\n\n"
         "  * The changes stand in changelog.gz beside this file.\n\n -- ${MAINTAINER}  ${now}\n")
    nexus_install_compressed(${folder} changelog.Debian ${BUILD}/packaging/${package}.debian)
  endif()
endfunction()
