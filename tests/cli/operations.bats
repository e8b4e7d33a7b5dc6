#!/usr/bin/env bats
# docs/operations.md is true: each of its sections is played, as it stands there, on a machine of its own (drill.bash).

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers
load unpacked

page=$repository/docs/operations.md

# drill HEADING [PAGE [SYSTEM]]
drill() {
  unshare -rmnpf --mount-proc true 2>/dev/null || skip "no user namespaces here"
  [[ $repository/$BATS_TEST_TMPDIR != *var/l* ]] || skip "the tests stand below /var/lib or /var/log"
  timeout 120 unshare -rmnpf --mount-proc "$BATS_TEST_DIRNAME/drill.bash" "${2:-$page}" "$1" "${3:-/nonexistent}" \
    </dev/null
}

# fails COMMAND HEADING SED [SYSTEM]: the drill of the page as sed changes it stops at this command. The change must
# change something.
fails() {
  local got=0 changed=$BATS_TEST_TMPDIR/changed.md
  sed -E "$3" "$page" >"$changed"
  ! cmp -s "$changed" "$page" || return 1
  drill "$2" "$changed" "${4:-}" >said 2>&1 || got=$?
  [ "$got" -eq 1 ] || { cat said >&2 && return 1; }
  says "$ $1" "$(grep -B 1 '^exit [0-9]*, printed:$' said)"
}

@test "every section with commands is drilled here" {
  local heading
  while read -r heading; do grep -q "drill \"$heading\"" "$BATS_TEST_FILENAME"; done < <(
    awk '/^## / { heading = substr($0, 4) } /^```console/ { print heading }' "$page" | sort -u)
}

@test "before you begin" { drill "Before you begin"; }

@test "nginx in front" {
  unpacked nginx nginx-common
  drill "nginx in front" "$page" "$system"
}

@test "an nginx without one of the page's lines is found out" {
  unpacked nginx nginx-common
  fails "nexusctl --context public upload" "nginx in front" '/client_max_body_size/d' "$system"
  fails "printf" "nginx in front" '/set_header Upgrade/d' "$system"
  fails "nexusctl --context public asset download" "nginx in front" '/set_header Host/d' "$system"
  fails "nexusctl --context public chat tail" "nginx in front" \
    's/proxy_buffering off/proxy_ignore_headers X-Accel-Buffering/; s/--timeout 20s/--timeout 2s/' "$system"
}

@test "Caddy in front" {
  unpacked caddy
  drill "Caddy in front" "$page" "$system"
}

@test "a Caddy with a limit is found out" {
  unpacked caddy
  fails "nexusctl --context public upload" "Caddy in front" \
    's/^(\t)reverse_proxy.*/\1request_body {\n\t\tmax_size 1MB\n\t}\n&/' "$system"
}

@test "objects on S3" { drill "Objects on S3"; }

@test "backup and recovery" {
  command -v age-keygen >/dev/null || skip "no age"
  drill "Backup and recovery"
}

@test "a token that comes back with a backup is found out" {
  command -v age-keygen >/dev/null || skip "no age"
  fails "nexusctl whoami" "Backup and recovery" 's/^(.*backup restore nexus.tar)$/\1 --as-it-was/'
}

@test "a token leaked" { drill "A token leaked"; }

@test "a token that was not revoked is found out" { fails "nexusctl whoami" "A token leaked" '/system token revoke/d'; }

@test "an agent runs wild" { drill "An agent runs wild"; }

@test "the system token is lost" { drill "The system token is lost"; }

@test "the disk is full" { drill "The disk is full"; }

@test "a disk that is not full is found out" { fails "df -h" "The disk is full" '/drill: full_disk/d'; }

@test "upgrade" { drill "Upgrade"; }

@test "another machine" { drill "Another machine"; }

@test "another machine without the old one's data is found out" { fails "daemon check" "Another machine" '/-xpf/d'; }

@test "keys" { drill "Keys"; }

@test "where rows of identity stand" { drill "Where rows of identity stand"; }

@test "what to alert on" { drill "What to alert on"; }

# Each metric that the page names is one that a daemon tells.
@test "alerts name metrics that exist" {
  start_daemon
  nexusctl whoami
  told=$(curl -s "$NEXUS_ADDR/metrics")
  stop_daemon
  named=$(sed -n "/^## What to alert on/,/^## Lite/p" "$page" | grep -oE "\b(nexus|process)_[a-z_]+" | sort -u)
  [ "$(wc -l <<<"$named")" -ge 6 ]
  for metric in $named; do says "# TYPE ${metric%_bucket} " "$told"; done
}
