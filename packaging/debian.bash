#!/usr/bin/env bash
# What `dev` needs of Debian, by name, and how it is installed. Sourced by `dev`, whose words (say, note, die) it uses.
# shellcheck disable=SC2034

# Boost comes on top, by the names that this release has (boost_packages).
BUILD_PACKAGES=(g++ cmake ninja-build pkg-config ccache mold libsqlite3-dev libjemalloc-dev
  nlohmann-json3-dev libcli11-dev libtomlplusplus-dev libutf8proc-dev catch2 libssl-dev libcurl4-openssl-dev
  libedit-dev libpq-dev libre2-dev libspdlog-dev prometheus-cpp-dev libsystemd-dev)
TEST_PACKAGES=(age bats shellcheck jq curl openssl mandoc python3 python3-yaml strace)
# Clients of streams come from npm, and one is a browser; whoever has these of his own keeps them.
command -v npm >/dev/null || TEST_PACKAGES+=(nodejs npm)
command -v chromium >/dev/null || TEST_PACKAGES+=(chromium)
# Others' signers of S3 forms, and readers of the API's document, are installed in directories of their own; one of
# them is Java's.
python3 -c 'import ensurepip, venv' 2>/dev/null || TEST_PACKAGES+=(python3-venv)
command -v java >/dev/null || TEST_PACKAGES+=(default-jre-headless)
command -v mvn >/dev/null || TEST_PACKAGES+=(maven)
# A PostgreSQL of the tests' own (tests/postgres/server.py), of any version that is there.
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || TEST_PACKAGES+=(postgresql)
# A real S3 server: Ceph's, for `test --long` alone.
LONG_PACKAGES=(ceph-mon ceph-osd radosgw ceph-common)
LINT_PACKAGES=(clang-format clang-tidy shellcheck mandoc yamllint)
# Makes a fresh Debian, and judges packages: for `package --try` alone.
TRY_PACKAGES=(mmdebstrap lintian)
# Makes and judges packages of RPM: for `package --rpm` alone.
RPM_PACKAGES=(rpm rpmlint)

# Prints those of the named packages that are not installed, by one look into dpkg's list.
missing_packages() {
  local installed package
  installed=" $(dpkg-query -W -f='${db:Status-Abbrev}${Package} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ $installed == *" ii $package "* || $installed == *" hi $package "* ]] || printf '%s\n' "$package"
  done
}

as_root() { if ((EUID == 0)); then env "$@"; else sudo env "$@"; fi; }
apt_get() { as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"; }
refresh_lists() { apt_get update || die "apt-get update failed: is the network there?"; }

# On a machine without PostgreSQL its package would make a cluster and start it.
refuse_main_cluster() {
  local file=/etc/postgresql-common/createcluster.conf
  [[ -e $file ]] || as_root sh -c "mkdir -p '${file%/*}' && echo 'create_main_cluster = false' >'$file'"
}

need_packages() {
  local missing=()
  command -v dpkg-query >/dev/null ||
    { note "not a Debian system: nothing is installed for you; README.md names what is needed" && return; }
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  ((EUID == 0)) || command -v sudo >/dev/null ||
    die "neither root nor sudo: run as root: apt-get install ${missing[*]}"
  [[ " ${missing[*]} " != *' postgresql '* ]] || refuse_main_cluster
  # Fresh machines have no package lists, old machines stale ones: try what there is, then refresh once.
  if ! apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
    refresh_lists
    apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null ||
      die "apt-get could not install them; Debian 12 and 13 have them all"
  fi
}

# The two packages of Boost, if apt or dpkg knows any. Boost.URL came with 1.81: Debian 12 has it beside its Boost 1.74
# under a name with a number, later releases have it under the plain name.
boost_packages() {
  local names url
  names=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' 'libboost-url*-dev' 2>/dev/null |
    awk '$1 ~ /^[hi]i$/ { print $2 }') || true
  [[ -n $names ]] || names=$(apt-cache pkgnames libboost-url 2>/dev/null | grep -e '-dev$') || return 0
  url=$(grep -x libboost-url-dev <<<"$names" || sort -V <<<"$names" | tail -n 1)
  printf '%s\n' "${url/-url/}" "$url"
}

# need_build_packages [PACKAGE...]: what every build needs, and these.
need_build_packages() {
  local boost
  boost=$(boost_packages)
  [[ -n $boost ]] || ! command -v apt-get >/dev/null || { refresh_lists && boost=$(boost_packages); }
  # shellcheck disable=SC2086
  need_packages "${BUILD_PACKAGES[@]}" $boost "$@"
}
