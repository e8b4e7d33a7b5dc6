#!/usr/bin/env bash
# A real S3 server for a test: Ceph's radosgw on one monitor and one OSD that keeps everything in memory, all of them
# on 127.0.0.1, in a temporary directory, without systemd and without anybody's rights.
#
#   tests/s3/radosgw.bash KEY_ID SECRET [GUEST_KEY_ID GUEST_SECRET]
#
# makes a user `nexus` with the first key pair, its buckets `nexus` and `nexus-versioned`, which keeps versions, and,
# if asked for, a user `guest` who has no right to them; prints the endpoint on one line when all that is there; ends,
# and stops what it started, when its standard input is closed or it is told to (SIGTERM, SIGINT). What went wrong
# stands on standard error, with the last lines of the logs.
set -euo pipefail

(($# == 2 || $# == 4)) || {
  echo "usage: radosgw.bash KEY_ID SECRET [GUEST_KEY_ID GUEST_SECRET]" >&2
  exit 2
}
readonly key_id=$1 secret=$2
directory=$(mktemp -d "${TMPDIR:-/tmp}/nexus-radosgw.XXXXXX")
readonly directory
pids=()

stop() {
  local status=$? pid
  trap '' INT TERM
  # The memory is the only disk: nothing is worth a clean end, and the monitor's takes seconds.
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf -- "$directory"
  exit "$status"
}
trap stop EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

die() {
  echo "radosgw.bash: $*" >&2
  tail -n 5 "$directory"/*.log >&2 2>/dev/null || true
  exit 1
}

# Three ports that were free a moment ago: Ceph cannot choose and tell.
read -r mon_port osd_port rgw_port < <(python3 -c 'import socket
held = [socket.socket() for _ in range(3)]
for one in held: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))')

cat >"$directory/ceph.conf" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v2:127.0.0.1:$mon_port/0
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
run dir = $directory
admin socket = $directory/\$name.asok
log file = $directory/\$name.log
pid file =
keyring = /dev/null
mon cluster log file = /dev/null
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
mon data avail warn = 1
ms bind ipv6 = false
[mon.a]
mon data = $directory/mon
mon initial members = a
[osd.0]
osd data = $directory/osd
osd objectstore = memstore
memstore device bytes = 4294967296
ms bind port min = $osd_port
ms bind port max = $((osd_port + 400))
[client.rgw]
ms mon client mode = crc
rgw frontends = beast endpoint=127.0.0.1:$rgw_port
rgw enable apis = s3
rgw thread pool size = 32
rgw enable usage log = false
rgw run sync thread = false
CONF
export CEPH_CONF=$directory/ceph.conf

# started NAME COMMAND...: a daemon in the foreground of its own job, known by its pid.
started() {
  local name=$1
  shift
  "$@" >"$directory/$name.log" 2>&1 </dev/null &
  pids+=($!)
}

# Waits for a command to succeed; a daemon that has ended meanwhile ends the waiting.
until_true() {
  local deadline=$((SECONDS + 120)) what=$1 pid
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "waited 120 s for $what"
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || die "a daemon ended before $what"; done
    sleep 0.2
  done
}

answers() { curl --silent --output /dev/null --max-time 5 "http://127.0.0.1:$rgw_port/"; }

# signed ARGUMENT...: curl with this user's signature; the secret stays off the command line.
signed() {
  curl --silent --show-error --fail-with-body --max-time 30 --aws-sigv4 aws:amz:us-east-1:s3 \
    --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD'     --config <(printf 'user = "%s:%s"\n' "$key_id" "$secret") "$@"
}

run_servers() {
  mkdir "$directory/mon" "$directory/osd"
  monmaptool --create --fsid "$(ceph-conf --lookup fsid)" --addv a "v2:127.0.0.1:$mon_port" "$directory/monmap" \
    >/dev/null
  ceph-mon --mkfs -i a --monmap "$directory/monmap"
  started mon ceph-mon -f -i a
  until_true "the monitor" ceph --connect-timeout 5 osd stat
  ceph osd create >/dev/null 2>&1
  ceph-osd -i 0 --mkfs >/dev/null 2>&1
  started osd ceph-osd -f -i 0
  until_true "the OSD" bash -c 'ceph --connect-timeout 5 osd stat | grep -q " 1 up"'
  started rgw radosgw -f -n client.rgw
  until_true "the gateway" answers
}

make_user() {
  radosgw-admin user create --uid "$1" --display-name "$1" --access-key "$2" --secret-key "$3" >"$directory/user.log" \
    2>&1 || die "could not make the user $1"
}

make_buckets() {
  local endpoint=http://127.0.0.1:$rgw_port
  signed --request PUT "$endpoint/nexus" || die "could not make a bucket"
  signed --request PUT "$endpoint/nexus-versioned"
  signed --request PUT "$endpoint/nexus-versioned?versioning=" --header 'Content-Type: application/xml' --data-binary \
    '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>' || die "could not keep versions"
}

run_servers
make_user nexus "$key_id" "$secret"
(($# == 2)) || make_user guest "$3" "$4"
make_buckets
echo "http://127.0.0.1:$rgw_port"
# Until nobody holds the other end of our standard input.
while read -r _; do :; done
