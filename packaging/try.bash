#!/usr/bin/env bash
# What a stranger does with the packages, from `apt install` to purge, inside a fresh Debian (packaging/package.bash).
# There is no systemd in it: the daemon is started by hand, as a user and as the user of the service.
set -euo pipefail

check() {
  local what=$1
  shift
  "$@" >/tmp/said 2>&1 || { cat /tmp/said >&2 && echo "FAIL  $what: $*" >&2 && exit 1; }
  echo "ok  $what"
}
as() { setpriv --reuid="$1" --regid="$1" --init-groups env -i PATH=/usr/bin:/bin HOME="/home/$1" "${@:2}"; }
service() { as nexusd NEXUSD_DATA_DIR=/var/lib/nexusd nexusd "$@"; }
no_nexusd_runs() { ! grep -lsx nexusd /proc/[0-9]*/comm; }
absent() { [[ ! -e $1 && ! -L $1 ]]; }
named_ours() {
  find / -xdev \( -path /proc -o -path /var/lib/nexusd -o -path /try -o -path /home \) -prune -o -name '*nexus*' -print
}
digest() { find /var/lib/nexusd -type f -not -name lock -exec sha256sum {} + | sort; } # the lock names who looked last

# A throw-away daemon, a file uploaded and fetched again.
first_upload() {
  cd "$HOME"
  nexusd --dev --ephemeral --port 0 --print-env >env.sh 2>log &
  daemon=$!
  until grep -q NEXUS_ROOT_TOKEN_FILE env.sh; do kill -0 $daemon && sleep 0.05; done
  # shellcheck disable=SC1091
  source ./env.sh
  echo hello >hello.txt
  nexusctl upload hello.txt
  cmp hello.txt <(nexusctl asset download "$(nexusctl asset list --field items.0.asset_id)" -O -)
  nexusctl audit export --out export
  nexus-audit-verify export
  kill $daemon && wait $daemon
}

apt-get -qq update
useradd --create-home ann
began=$SECONDS
check "apt installs both" apt-get install -y /try/nexusd_*.deb /try/nexusctl_*.deb
installed=$SECONDS
check "a user's first upload" as ann bash -euc "$(declare -f first_upload); first_upload"
echo "    $((installed - began)) s to install, $((SECONDS - began)) s from apt install to the upload"

check "nothing was started" no_nexusd_runs
check "nothing was enabled" absent /etc/systemd/system/multi-user.target.wants/nexusd.service
check "the service has its user" getent passwd nexusd
check "the manual is there" ls /usr/share/man/man8/nexusd.8.gz /usr/share/man/man1/nexusctl-upload.1.gz
check "bash completes" bash -c 'source /usr/share/bash-completion/completions/nexusctl && complete -p nexusctl'
check "the build is told" bash -c 'nexusd --version -o json && nexusctl --version -o json'
cat /tmp/said

install -d -o nexusd -g nexusd -m 0700 /var/lib/nexusd # as StateDirectory= does
check "the service's user makes an installation" service migrate
check "it is well" service check
echo '# ours' >>/etc/nexus/nexusd.toml
before=$(digest)
check "an upgrade" apt-get install -y /try/later/nexusd.deb
check "keeps our settings" grep -qx '# ours' /etc/nexus/nexusd.toml
check "keeps the data" test "$(digest)" = "$before"
check "starts nothing" no_nexusd_runs
check "it is well" service check
check "a removal" apt-get remove -y nexusd nexusctl
check "takes the programs" absent /usr/bin/nexusd
check "keeps our settings" grep -qx '# ours' /etc/nexus/nexusd.toml
check "a purge" apt-get purge -y nexusd nexusctl
grep '^nexusd: ' /tmp/said
check "takes the settings" absent /etc/nexus
check "keeps the data" test "$(digest)" = "$before"
check "leaves nothing else" test -z "$(named_ours)"
echo "all is well"
