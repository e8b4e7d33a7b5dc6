# What is installed, and the packages made of it: `nexusd` (the daemon, its unit, user and settings) and `nexusctl` (the
# command line, its completions, and nexus-audit-verify). Both pass the same rules: `cmake --install DIR` and `cpack`.
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
# Whoever publishes packages names himself: -DNEXUS_CONTACT="NAME <ADDRESS>". An address in .invalid is nobody's, for
# ever (RFC 2606, section 2); root@localhost would be somebody's, and lintian calls it an error. SECURITY.md says where
# faults are told.
set(NEXUS_CONTACT "Nexus maintainers <maintainers@nexus.invalid>" CACHE STRING "whom the packages name")

# A package of Debian 12 is older than the same one of Debian 13, so that an upgrade of the system replaces it.
set(NEXUS_DEBIAN_VERSION "")
if(EXISTS /etc/os-release)
  file(STRINGS /etc/os-release release REGEX "^(ID|VERSION_ID)=")
  string(REGEX REPLACE ".*VERSION_ID=\"([0-9]+)\".*" "\\1" number "${release}")
  if("${release}" MATCHES "(^|;)ID=debian")
    set(NEXUS_DEBIAN_RELEASE "1~deb${number}")
    set(NEXUS_DEBIAN_VERSION "${PROJECT_VERSION}-${NEXUS_DEBIAN_RELEASE}")
  endif()
endif()

# nexus_install(COMPONENT CALL...): calls of packaging/files.cmake, run at installation.
function(nexus_install component)
  list(JOIN ARGN ")\nnexus_install_" calls)
  install(CODE "set(SOURCE \"${CMAKE_SOURCE_DIR}\")\nset(BUILD \"${CMAKE_BINARY_DIR}\")
set(SYSTEMD \"${NEXUS_SYSTEMD}\")
set(MAINTAINER \"${NEXUS_CONTACT}\")\nset(DEBIAN_VERSION \"${NEXUS_DEBIAN_VERSION}\")
include(\"${CMAKE_SOURCE_DIR}/packaging/files.cmake\")\nnexus_install_${calls})" COMPONENT ${component})
endfunction()

install(TARGETS nexusd RUNTIME COMPONENT nexusd)
install(FILES packaging/nexusd.socket DESTINATION share/doc/nexusd/examples COMPONENT nexusd)
install(FILES packaging/nexusd.sysusers DESTINATION lib/sysusers.d RENAME nexusd.conf COMPONENT nexusd)
install(FILES packaging/prometheus/nexusd.rules.yml packaging/grafana/nexusd.json DESTINATION share/nexusd
        COMPONENT nexusd)
nexus_install(nexusd "units(nexusd.service nexusd-backup.service nexusd-backup.timer" "settings(" "papers(nexusd"
              "pages(nexusd.8 nexusd-backup.8 nexusd-database.8 nexusd-doctor.8 nexusd-restore.8 nexusd.conf.5"
              "pages(nexus.7 nexus-deletion.7 nexus-limits.7 nexusd-service.7")

install(TARGETS nexusctl RUNTIME COMPONENT nexusctl)
set(COMPLETIONS ${CMAKE_BINARY_DIR}/completions)
install(FILES ${COMPLETIONS}/nexusctl.bash DESTINATION share/bash-completion/completions RENAME nexusctl
        COMPONENT nexusctl)
# Debian's zsh looks where packages of Debian put them; others look in zsh's own directory.
set(ZSH_COMPLETIONS share/zsh/site-functions)
if(NEXUS_DEBIAN_VERSION)
  set(ZSH_COMPLETIONS share/zsh/vendor-completions)
endif()
install(FILES ${COMPLETIONS}/nexusctl.zsh DESTINATION ${ZSH_COMPLETIONS} RENAME _nexusctl COMPONENT nexusctl)
install(FILES ${COMPLETIONS}/nexusctl.fish DESTINATION share/fish/vendor_completions.d COMPONENT nexusctl)
nexus_install(nexusctl "verifier(" "papers(nexusctl" "pages(nexusctl.1 nexusctl-*.1 nexus-audit-verify.1")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "Nexus")
set(CPACK_PACKAGE_CONTACT "${NEXUS_CONTACT}")
set(CPACK_COMPONENTS_ALL nexusd nexusctl)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_ERROR_ON_ABSOLUTE_INSTALL_DESTINATION OFF)
set(CPACK_COMPONENT_NEXUSD_DESCRIPTION "control plane for teams and their agents
nexusd manages tenants, users, roles and tokens, stores their files, cards,
settings and memory, carries their chats, and guards every action that must
be stoppable. Every change leaves a row in an audit log that can be checked.

The service is installed stopped: systemctl enable --now nexusd starts it.")
set(CPACK_COMPONENT_NEXUSCTL_DESCRIPTION "command line of the Nexus control plane
nexusctl does over HTTP what nexusd offers, for people and for scripts.
nexus-audit-verify checks an export of the audit log without a daemon.")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE "${NEXUS_DEBIAN_RELEASE}")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_NEXUSD_PACKAGE_NAME nexusd)
set(CPACK_DEBIAN_NEXUSD_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_NEXUSD_PACKAGE_RECOMMENDS "ca-certificates, nexusctl")
set(CPACK_DEBIAN_NEXUSD_PACKAGE_SUGGESTS "age")
file(WRITE ${CMAKE_BINARY_DIR}/packaging/conffiles "/etc/nexus/nexusd.toml\n")
set(CPACK_DEBIAN_NEXUSD_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/packaging/conffiles
    ${CMAKE_SOURCE_DIR}/packaging/deb/postinst ${CMAKE_SOURCE_DIR}/packaging/deb/prerm
    ${CMAKE_SOURCE_DIR}/packaging/deb/postrm)
set(CPACK_DEBIAN_NEXUSD_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_NEXUSCTL_PACKAGE_NAME nexusctl)
set(CPACK_DEBIAN_NEXUSCTL_PACKAGE_DEPENDS "python3:any")
set(CPACK_DEBIAN_NEXUSCTL_PACKAGE_RECOMMENDS "ca-certificates, openssl")
set(CPACK_DEBIAN_NEXUSCTL_PACKAGE_SUGGESTS "bash-completion, nexusd")

# For systems of RPM: cpack -G RPM, on the system that the package is for. `./dev package --rpm` tries them as far as a
# Debian can: what they hold and run, and how they come and go in an empty root. Nobody has run the service from one.
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d
    /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/site-functions
    /usr/share/zsh/vendor-completions /usr/share/fish /usr/share/fish/vendor_completions.d /usr/share/man
    /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man7 /usr/share/man/man8)
set(CPACK_RPM_NEXUSD_PACKAGE_NAME nexusd)
set(CPACK_RPM_NEXUSD_PACKAGE_SUMMARY "control plane for teams and their agents")
set(CPACK_RPM_NEXUSD_PACKAGE_REQUIRES systemd)
set(CPACK_RPM_NEXUSD_USER_FILELIST "%config(noreplace) /etc/nexus/nexusd.toml")
set(CPACK_RPM_NEXUSD_POST_INSTALL_SCRIPT_FILE ${CMAKE_SOURCE_DIR}/packaging/rpm/post)
set(CPACK_RPM_NEXUSD_PRE_UNINSTALL_SCRIPT_FILE ${CMAKE_SOURCE_DIR}/packaging/rpm/preun)
set(CPACK_RPM_NEXUSCTL_PACKAGE_NAME nexusctl)
set(CPACK_RPM_NEXUSCTL_PACKAGE_SUMMARY "command line of the Nexus control plane")
set(CPACK_RPM_NEXUSCTL_PACKAGE_REQUIRES python3)
include(CPack)
