#!/usr/bin/env bash
# try.bash DIRECTORY: looks into the packages of RPM there, and installs them in an empty root. A Debian has nothing of
# what they depend on under the names of RPM, so their scripts do not run and nothing is started: that is left to a
# system that they are for.
set -euo pipefail

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
daemon=$(echo "$1"/nexusd-*.rpm) client=$(echo "$1"/nexusctl-*.rpm)

check() {
  local what=$1
  shift
  "$@" >"$root/said" 2>&1 || { cat "$root/said" >&2 && echo "FAIL  $what: $*" >&2 && exit 1; }
  echo "ok  $what"
}
lists() { # PACKAGE FILE...
  local file files
  files=$(rpm -qlp "$1")
  for file in "${@:2}"; do grep -qx "$file" <<<"$files" || { echo "no $file in $1" && return 1; }; done
}
only_roots() { [[ $(rpm -qp --qf '[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]' "$1" | sort -u) == root:root ]]; }
script_says() { rpm -qp --scripts "$daemon" | grep -q "$1"; }
in_root() { rpm --root "$root" --nodeps --noscripts "$@"; }
starts_nothing() { ! rpm -qp --scripts "$daemon" | grep -E 'systemctl (enable|start)'; }
absent() { [[ ! -e $1 ]]; }
# Nobody signed them, and whoever builds them says who he is: rpmlint's other errors count.
no_other_errors() {
  local errors
  errors=$(rpmlint "$daemon" "$client" | grep ': E: ' | grep -vE 'no-signature|no-packager-tag' || true)
  [[ -z $errors ]] || { echo "$errors" && return 1; }
}

check "nexusd holds the program, its unit, user, settings and manual" lists "$daemon" /usr/bin/nexusd \
  /usr/lib/systemd/system/nexusd.service /usr/lib/sysusers.d/nexusd.conf /etc/nexus/nexusd.toml \
  /usr/share/man/man8/nexusd.8.gz /usr/share/doc/nexusd/copyright
check "nexusctl holds the program, its completions and manual" lists "$client" /usr/bin/nexusctl \
  /usr/bin/nexus-audit-verify /usr/share/bash-completion/completions/nexusctl /usr/share/man/man1/nexusctl.1.gz
for package in "$daemon" "$client"; do check "all files are root's" only_roots "$package"; done
check "the settings are configuration" test "$(rpm -qcp "$daemon")" = /etc/nexus/nexusd.toml
check "its script makes the user" script_says '^systemd-sysusers nexusd.conf'
check "its scripts enable and start nothing" starts_nothing
check "nexusctl runs no script" test -z "$(rpm -qp --scripts "$client")"
check "rpmlint finds no error but that nobody signed them" no_other_errors

check "both come into an empty root" in_root -i "$daemon" "$client"
check "as they were packed" in_root -V nexusd nexusctl
check "nexusd is the one that was built" "$root/usr/bin/nexusd" --version
cat "$root/said"
echo '# ours' >>"$root/etc/nexus/nexusd.toml"
check "the same again" in_root -U --force "$daemon"
check "keeps our settings" grep -qx '# ours' "$root/etc/nexus/nexusd.toml"
check "a removal" in_root -e nexusd nexusctl
check "takes the programs" absent "$root/usr/bin/nexusd"
check "keeps our settings beside" grep -qx '# ours' "$root/etc/nexus/nexusd.toml.rpmsave"
echo "all is well, as far as a Debian can tell"
