# Programs of Debian packages for tests that only run them: fetched by apt and unpacked into build/, never installed,
# because installing starts their services.

# unpacked PACKAGE…: leaves the directory that they are unpacked in in $system; skips the test where they cannot be had.
unpacked() {
  local package
  # shellcheck disable=SC2154 # helpers.bash sets it
  system=$repository/build/foreign/$(IFS=+ && echo "$*")-$(. /etc/os-release && echo "${VERSION_CODENAME:-none}")
  mkdir -p "$system"
  (
    flock 9
    [ ! -e "$system/complete" ] || exit 0
    cd "$system" && rm -rf ./*.deb
    apt-get -qq download "$@" >/dev/null 2>&1 || { apt-get -qq update && apt-get -qq download "$@"; } >/dev/null 2>&1 ||
      exit 1
    for package in ./*.deb; do dpkg -x "$package" . || exit 1; done
    rm ./*.deb
    touch complete
  ) 9>"$system.lock" || skip "apt cannot fetch $*"
}
