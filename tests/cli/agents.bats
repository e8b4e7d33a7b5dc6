#!/usr/bin/env bats
# The agents of docs/examples against a real daemon: they answer people, once, and nobody else.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() {
  start_daemon
  nexusctl token create --actor-type agent --out "$BATS_FILE_TMPDIR/agent.token" >/dev/null
}
teardown_file() { stop_daemon; }
setup() {
  started=()
}
teardown() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
}

# agent THREAD COMMAND…: begins one, and waits until it follows. Its pid is $agent.
agent() {
  local thread=$1 log
  shift
  log=$(mktemp ./told.XXXXXX)
  NEXUS_TOKEN=$(cat "$BATS_FILE_TMPDIR/agent.token") "$@" "$thread" "$PWD/cursor" 2>"$log" 3>&- &
  agent=$!
  started+=("$agent")
  for _ in $(seq 200); do
    ! grep -q following "$log" || return 0
    sleep 0.05
  done
  cat "$log" >&2
  return 1
}

# holds THREAD COUNT: the thread comes to hold so many messages; they are left in $output.
holds() {
  for _ in $(seq 200); do
    expect 0 nexusctl chat messages "$1" --field text
    [ "$(wc -l <<<"$output")" -lt "$2" ] || break
    sleep 0.05
  done
  [ "$(wc -l <<<"$output")" -eq "$2" ]
}

# answers COMMAND…: the exchange that each agent must hold.
answers() {
  nexusctl chat thread create "$BATS_TEST_NUMBER"
  agent "$BATS_TEST_NUMBER" "$@"
  nexusctl chat send "$BATS_TEST_NUMBER" one
  holds "$BATS_TEST_NUMBER" 2
  # Had it answered itself, that would stand before the second message.
  nexusctl chat send "$BATS_TEST_NUMBER" two
  holds "$BATS_TEST_NUMBER" 4
  [ "$output" = $'one\nI read: one\ntwo\nI read: two' ]
  kill "$agent"
  wait "$agent" || true
  # What is said meanwhile, by a person or an agent, is read afterwards.
  nexusctl chat send "$BATS_TEST_NUMBER" three
  nexusctl --token-file "$BATS_FILE_TMPDIR/agent.token" chat send "$BATS_TEST_NUMBER" 'from an agent'
  agent "$BATS_TEST_NUMBER" "$@"
  holds "$BATS_TEST_NUMBER" 7
  [ "$(tail -n 1 <<<"$output")" = 'I read: three' ]
  # A person's token is refused before anything is followed.
  expect 1 timeout 20 "$@" "$BATS_TEST_NUMBER"
  says 'token create --actor-type agent' "$errors"
}

@test "the agent in Python answers people, not itself, and goes on where it stood" {
  answers python3 "$repository/docs/examples/agent.py"
}

@test "the agent in JavaScript answers people, not itself, and goes on where it stood" {
  command -v node >/dev/null || skip 'no node here: install node.js 18 or newer'
  answers node "$repository/docs/examples/agent.mjs"
}
