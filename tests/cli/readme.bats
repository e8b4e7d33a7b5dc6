#!/usr/bin/env bats
# README.md is true: the blocks of a new user's first minutes, taken from the page and run one after the other in one
# shell, as a script and typed on a terminal. Nothing fails but what the page says is refused, and no process is left.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

# A tree as after a build, an empty home, and nothing of the person who runs the tests.
setup() {
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/build/release" "$BATS_TEST_TMPDIR/home"
  cp "$repository/README.md" "$repository/LICENSE" "$tree"
  ln -s "$(realpath "$NEXUS_BIN_DIR")" "$tree/build/release/bin"
  printf '#!/bin/sh\n' >"$tree/dev" # the build is done
  chmod +x "$tree/dev"
  cd "$tree" || return
  blocks >"$BATS_TEST_TMPDIR/blocks"
}

# Only the two blocks that a new user types: what begins with a build, and the first customer.
blocks() {
  awk '/^```/ { if (inside && (text ~ /\. build\/env/ || text ~ /root\.token/)) printf "%s", text
                inside = !inside && $0 == "```sh"; text = ""; next }
       inside { text = text $0 "\n" }' "$repository/README.md"
}

# Runs a command with port 7700 for itself alone, where the system lets us; else with the machine's, when it is free.
alone() {
  local up='import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x49))
os.execvp(sys.argv[1], sys.argv[1:])'
  local environment=(env -i HOME="$BATS_TEST_TMPDIR/home" PATH="$PATH" TERM=dumb LC_ALL=C.UTF-8 README_MARK="$1")
  shift
  if unshare -rn true 2>/dev/null; then
    "${environment[@]}" unshare -rn python3 -c "$up" "$@"
  elif (: </dev/tcp/127.0.0.1/7700) 2>/dev/null; then
    skip "port 7700 is taken"
  else
    "${environment[@]}" "$@"
  fi
}

# left MARK: the processes that a run left behind.
left() { grep -lsz "^README_MARK=$1\$" /proc/[0-9]*/environ | sed 's,/environ,/cmdline,' | xargs -r cat | tr '\0' ' '; }

# What must have happened: only the upload that the switch forbids, and the question of what prod would say, may fail.
judge() {
  local failures=$BATS_TEST_TMPDIR/failures output
  output=$(cat "$1")
  [ -s "$failures" ]
  if grep -vE '^(nexusctl upload LICENSE 5|nexusctl gate explain .* 1)$' "$failures"; then
    cat "$1" >&2
    return 1
  fi
  says "tenants/t_dev/dev/raw/" "$output"
  says "tenants/t_acme/dev/raw/" "$output"
}

@test "the blocks are found" {
  [ "$(grep -c '^' "$BATS_TEST_TMPDIR/blocks")" -ge 25 ]
  grep -q 'kill block raw_presign' "$BATS_TEST_TMPDIR/blocks"
  grep -q 'nexusctl init t_acme' "$BATS_TEST_TMPDIR/blocks"
}

@test "README's blocks, as a script" {
  {
    echo "trap 'echo \"\$BASH_COMMAND \$?\" >>$BATS_TEST_TMPDIR/failures' ERR"
    cat "$BATS_TEST_TMPDIR/blocks"
  } >blocks.sh
  alone "script-$$" timeout 120 bash blocks.sh >"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null || true
  judge "$BATS_TEST_TMPDIR/said"
  [ -z "$(left "script-$$")" ]
}

@test "README's blocks, as a script of a plain shell" {
  alone "plain-$$" timeout 120 sh "$BATS_TEST_TMPDIR/blocks" >"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null || true
  says "tenants/t_acme/dev/raw/" "$(cat "$BATS_TEST_TMPDIR/said")"
  [ -z "$(left "plain-$$")" ]
}

@test "README's blocks, typed on a terminal" {
  {
    echo "trap 'echo \"\$BASH_COMMAND \$?\" >>$BATS_TEST_TMPDIR/failures' ERR"
    cat "$BATS_TEST_TMPDIR/blocks"
    echo exit
  } >typed
  alone "typed-$$" timeout 120 script -qec 'bash --norc --noprofile -i' /dev/null \
    <typed >"$BATS_TEST_TMPDIR/said" 2>&1 || true
  judge "$BATS_TEST_TMPDIR/said"
  [ -z "$(left "typed-$$")" ]
}
