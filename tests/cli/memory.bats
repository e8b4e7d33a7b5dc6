#!/usr/bin/env bats
# Memory sessions by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "memory: add, show in order, delete" {
  expect 0 nexusctl memory add interview --role user 'What is tea?' -o json
  [ "$(json '["content"]' <<<"$output")" = 'What is tea?' ]
  [ "$(json '["session_id"]' <<<"$output")" = interview ]
  expect 0 nexusctl memory add interview --role agent --metadata '{"model":"m1"}' - <<<$'Leaves\nin hot water.'
  expect 0 nexusctl memory add interview --role user <<<'Thank you.'
  expect 0 nexusctl memory show interview -o json
  [ "$(json '["items"][1]["content"]' <<<"$output")" = $'Leaves\nin hot water.' ]
  [ "$(json '["items"][1]["metadata"]["model"]' <<<"$output")" = m1 ]
  expect 0 nexusctl memory show interview --field role
  [ "$output" = $'user\nagent\nuser' ]
  expect 0 nexusctl memory show interview --limit 2 --field content
  says 'What is tea?' "$output"
  expect 0 nexusctl memory show interview --all -o name
  [ "$(wc -l <<<"$output")" -eq 3 ]
  expect 0 nexusctl memory delete interview
  expect 6 nexusctl memory show interview
  says "[session.not_found]" "$errors"
}

@test "memory: a shared session is opened once; its user's own is shown by --user-id" {
  expect 0 nexusctl memory add plan --role user --shared 'We begin.'
  expect 7 nexusctl memory add plan --role user --shared 'Again.'
  says "[session.exists]" "$errors"
  expect 0 nexusctl memory add plan --role user 'On we go.'
  expect 0 nexusctl memory show plan --field content
  [ "$output" = $'We begin.\nOn we go.' ]
  expect 6 nexusctl memory show plan --user-id u_dev
  expect 0 nexusctl memory add mine --role user 'Alone.'
  expect 0 nexusctl memory show mine --user-id u_dev --field content
  [ "$output" = Alone. ]
  expect 0 nexusctl memory delete mine --user-id u_dev
}

@test "memory: bad input is told by its field" {
  expect 2 nexusctl memory add s --role assistant hello
  says "/role" "$errors"
  expect 2 nexusctl memory add s hello
  expect 2 nexusctl memory add s --role user ''
  says "/content" "$errors"
  expect 2 nexusctl memory add s --role user --metadata nonsense hello
  expect 6 nexusctl memory add 'no id' --role user hello
}

@test "memory: a repeated turn is said once; the kill switch stops it" {
  first=$(nexusctl memory add once --role user hello --idempotency-key k1 -o name)
  [ "$(nexusctl memory add once --role user hello --idempotency-key k1 -o name)" = "$first" ]
  expect 0 nexusctl memory show once -o name
  [ "$output" = "$first" ]
  expect 0 nexusctl kill block memory_write
  expect 5 nexusctl memory add once --role user hello
  says "[kill_switch_blocked]" "$errors"
  expect 0 nexusctl kill allow memory_write
}
