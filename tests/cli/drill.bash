#!/usr/bin/env bash
# drill.bash PAGE HEADING SYSTEM: plays one section of a page of operations, after its first one, on a machine of its
# own: `unshare -rmnpf --mount-proc` gives it a network, processes, /etc, /run, /var/lib and /var/log. SYSTEM is a
# directory of programs with their settings. Nothing of it is left afterwards. What the page asks of systemd, of apt and
# of other users' shells, small stand-ins do (drill/); nexusd, nexusctl, nginx and caddy are the real ones.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
page=$1 heading=$2 system=$3
lenient=yes
# shellcheck source=tests/cli/page.bash
source "$here/page.bash"

# What a proxy, a full disk and an agent do meanwhile.
# shellcheck source=tests/cli/drill_hooks.bash
source "$here/drill_hooks.bash"

make_machine() {
  python3 -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x49))'
  local own
  own=$(mktemp -d -p "$BATS_TEST_TMPDIR")
  cp -r /etc "$own/etc" 2>/dev/null || true # but for what only root reads
  mount --bind "$own/etc" /etc
  mount -t tmpfs -o size=400m machine /var/lib
  mount -t tmpfs log /var/log
  mkdir -p /var/lib/nexusd /etc/nexus
  mount -t tmpfs -o size=120m data /var/lib/nexusd
  chmod 700 /var/lib/nexusd
  mount -t tmpfs run /run
  cp "$here/../../packaging/nexusd.toml" /etc/nexus
  [ ! -d "$system" ] || cp -r "$system/etc" "$system/var" / 2>/dev/null || true
  printf '127.0.0.1 localhost nexus.example s3.example\n' >/etc/hosts
  mkdir "$own/root"
  export HOME=$own/root NEXUS_FORMAT=table NO_COLOR=1 LC_ALL=C.UTF-8
  unset "${!NEXUSD_@}" NEXUS_ADDR NEXUS_TOKEN NEXUS_TOKEN_FILE NEXUS_TENANT NEXUS_ENV NEXUS_CONTEXT NEXUS_CONFIG_DIR \
    XDG_CONFIG_HOME XDG_DATA_HOME
  export PATH=$here/drill:$PATH:$system/usr/sbin:$system/usr/bin UNIT=$here/../../packaging/nexusd.service
  cd "$HOME"
}

# section HEADING: what stands between this heading and the next one.
section() { awk -v heading="## $1" '/^## / { inside = $0 == heading } inside' "$page"; }

make_machine
trap 'tail -n 20 /var/log/*.journal >&2' ERR # what the services said, when a command fails
first=$(sed -n 's/^## //p' "$page" | head -n 1)
play_page < <(section "$first")
played=0
[ "$heading" = "$first" ] || play_page < <(section "$heading")
echo "counted: $played commands of the page, in \"$heading\""
