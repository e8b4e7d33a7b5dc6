#!/usr/bin/env bats
# What people see on a terminal of 80 columns, of every command, whatever the daemon answers. tables.py does the work.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  command -v curl >/dev/null || skip "no curl"
}

@test "no cell is JSON and no line is wider than the terminal, whatever a schema allows" {
  curl -sSf "$NEXUS_ADDR/openapi.json" >openapi.json
  echo content | tee report.pdf scan.pdf clip.mp4 sketch.png note.md helpdesk.md FILE >/dev/null
  expect 0 timeout 250 python3 "$BATS_TEST_DIRNAME/tables.py" openapi.json 80
  [ "$output" -ge 120 ]
}

@test "a deleted message says so in a table, and is null in JSON" {
  nexusctl chat thread create room
  nexusctl chat send room hello
  message=$(nexusctl chat send room gone -o name)
  nexusctl chat delete room "$message"
  expect 0 nexusctl chat messages room -o table
  grep -qE "^$message .* \(deleted\) " <<<"$output"
  expect 0 nexusctl chat messages room -o json
  [ "$(json '["items"][1]["text"]' <<<"$output")" = None ]
}

@test "what a switch stops, who one is and how KPIs stand are tables inside a record" {
  nexusctl kill block card_create --reason 'incident 42'
  expect 0 nexusctl kill show -o table
  grep -qE '^  KIND +NAME +REASON +BY +SINCE +EXPIRES AT$' <<<"$output"
  grep -qE '^  action +card_create +incident 42 +u_dev ' <<<"$output"
  nexusctl kill allow card_create
  expect 0 nexusctl whoami -o table
  grep -qE '^  t_dev +owner ' <<<"$output"
  nexusctl kpi define conversion --aggregate mean
  nexusctl kpi corridor conversion --surface cards --floor 1.5
  expect 0 nexusctl kpi config -o table
  grep -qE '^  conversion +cards +1.5 ' <<<"$output"
}
