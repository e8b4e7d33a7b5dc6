#!/usr/bin/env bash
# `./dev package`: the Debian packages of this tree, and a trial of them in a fresh Debian that vanishes afterwards;
# those of RPM, and as much of a trial as a Debian can give them.
# Sourced by `dev`, whose words (say, step, die, build) it uses.
PACKAGES=$PWD/build/package

# package [--try RELEASE | --rpm]: a trial leaves its log in build/.
package() {
  local try=''
  case "${1:-}" in
    '') make_packages ;;
    --rpm)
      (($# == 1)) || usage_error "package --rpm takes nothing more"
      mkdir -p build
      { make_rpms && packaging/rpm/try.bash "$PACKAGES"; } 2>&1 | tee build/package-try-rpm.log
      ;;
    --try)
      try=${2:-}
      [[ $# == 2 && $try =~ ^1[23]$ ]] || usage_error "package --try wants a release of Debian: 12 or 13"
      mkdir -p build
      make_and_try "$try" 2>&1 | tee "build/package-try-$try.log"
      ;;
    *) usage_error "package knows --try 12, --try 13 and --rpm alone" ;;
  esac
}

make_and_try() {
  if [[ $(release_of_debian) == "$1" ]]; then make_packages; else make_packages_in "$1"; fi
  try_packages "$1"
}

release_of_debian() { sed -n 's/^VERSION_ID="\([0-9]*\)".*/\1/p' /etc/os-release; }

# pack DEB|RPM: nothing else is left in $PACKAGES.
pack() {
  step "Build nexusd and nexusctl"
  build release --target nexusd nexusctl
  step "Pack"
  rm -rf "$PACKAGES"
  mkdir -p "$PACKAGES"
  cpack -G "$1" --config build/release/CPackConfig.cmake -B "$PACKAGES" >build/package.log 2>&1 ||
    { cat build/package.log >&2 && die "the packages were not made"; }
  rm -rf "$PACKAGES/_CPack_Packages"
}

make_rpms() {
  need_build_packages "${RPM_PACKAGES[@]}"
  pack RPM
  printf '%s\n' "$PACKAGES"/*.rpm
}

make_packages() {
  need_build_packages dpkg-dev file python3
  pack DEB
  packaging/sbom.py "$PACKAGES"/*.deb >"$PACKAGES/sbom.spdx.json"
  printf '%s\n' "$PACKAGES"/*.deb "$PACKAGES/sbom.spdx.json"
}

# ---- fresh Debians -------------------------------------------------------------------------------------------------

fresh_root=''

# Makes $fresh_root, a directory with the release as its installer leaves it, without the recommended.
make_root() {
  local release=$1 codename kept=$PWD/build/roots/debian-$1.tar mirror
  [[ $release == 12 ]] && codename=bookworm || codename=trixie
  need_packages "${TRY_PACKAGES[@]}"
  if [[ ! -f $kept ]]; then
    step "Make a Debian $release"
    # From where this machine gets its own packages.
    # shellcheck disable=SC2016 # apt-get fills these in
    mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
      awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
    [[ -n $mirror ]] || die "apt-get knows no mirror of Debian: run apt-get update first"
    mkdir -p "${kept%/*}"
    as_root mmdebstrap --quiet --format=tar --variant=minbase --skip=cleanup/apt/lists --include=ca-certificates \
      "$codename" "$kept.part" "deb $mirror $codename main" || die "mmdebstrap could not make it"
    as_root mv "$kept.part" "$kept"
  fi
  fresh_root=$(mktemp -d)
  trap 'as_root rm -rf --one-file-system "$fresh_root"' EXIT
  as_root tar -xf "$kept" -C "$fresh_root"
  as_root cp --dereference /etc/resolv.conf "$fresh_root/etc/resolv.conf"
}

# in_root COMMAND...: with processes and mounts of its own; what it leaves running ends with it.
in_root() {
  as_root unshare --mount --pid --fork --kill-child --root="$fresh_root" --mount-proc --wd=/ \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    ${CMAKE_BUILD_PARALLEL_LEVEL:+CMAKE_BUILD_PARALLEL_LEVEL="$CMAKE_BUILD_PARALLEL_LEVEL"} "$@"
}

# Packages of another release are linked with its libraries: they are built there.
make_packages_in() {
  make_root "$1"
  step "Build the packages in it; this takes some minutes"
  as_root mkdir "$fresh_root/src"
  git ls-files -z | as_root tar --null -T - -c | as_root tar -x -C "$fresh_root/src"
  git describe --always --abbrev=40 --dirty --exclude='*' | as_root tee "$fresh_root/src/COMMIT" >/dev/null
  in_root bash -c 'cd /src && ./dev package' || die "the build in Debian $1 failed"
  rm -rf "$PACKAGES"
  mkdir -p "$PACKAGES"
  as_root cp "$fresh_root"/src/build/package/* "$PACKAGES"
  as_root rm -rf --one-file-system "$fresh_root"
}

# The same package with a later version, for an upgrade.
later() {
  local unpacked
  unpacked=$(mktemp -d)
  dpkg-deb -R "$1" "$unpacked/package"
  sed -i 's/^Version: .*/&+later/' "$unpacked/package/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$unpacked/package" "$2" >/dev/null
  rm -rf "$unpacked"
}

try_packages() {
  make_root "$1"
  step "lintian"
  lintian --fail-on error --suppress-tags initial-upload-closes-no-bugs "$PACKAGES"/*.deb || die "lintian found errors"
  step "Try the packages in a fresh Debian $1"
  as_root mkdir -p "$fresh_root/try/later"
  as_root cp "$PACKAGES"/*.deb packaging/try.bash "$fresh_root/try/"
  later "$PACKAGES"/nexusd_*.deb "$PACKAGES/later.deb"
  as_root mv "$PACKAGES/later.deb" "$fresh_root/try/later/nexusd.deb"
  in_root bash /try/try.bash || die "the packages did not pass"
}
