#!/usr/bin/env bats
# Events, privacy, feature flags and limits by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "an event is listed, narrowed, shown, and tells nothing personal" {
  expect 0 nexusctl presign --filename "john.doe@example.com.pdf"
  expect 0 nexusctl presign --filename plain.pdf
  expect 0 nexusctl event list --event-type raw_asset_presigned --surface raw_storage --actor u_dev -o json
  [ "$(json '["items"][0]["input"]["filename"]' <<<"$output")" = plain.pdf ]
  [ "$(json '["items"][1]["input"]["filename"]' <<<"$output")" = "[REDACTED:email]" ]
  case $output in *john.doe*) false ;; esac
  id=$(json '["items"][1]["event_id"]' <<<"$output")
  expect 0 nexusctl event show "$id" --field pii_flags
  says email "$output"
  expect 0 nexusctl event list --since 2100-01-01T00:00:00Z -o name
  [ -z "$output" ]
  expect 2 nexusctl event list --since yesterday
  expect 6 nexusctl event show no-such-event
  expect 5 nexusctl event list --tenant t_system
}

@test "a user and a tenant opt out and in" {
  expect 0 nexusctl privacy show --field opt_out
  [ "$output" = false ]
  expect 0 nexusctl privacy opt-out --field user.opt_out
  [ "$output" = true ]
  nexusctl presign --filename private.txt >/dev/null
  expect 0 nexusctl event list --limit 1 --field items.0.train_ok
  [ "$output" = false ]
  expect 0 nexusctl privacy opt-out --whole-tenant --field tenant.opt_out
  [ "$output" = true ]
  expect 0 nexusctl privacy opt-in --user u_dev --field opt_out
  [ "$output" = false ]
  expect 0 nexusctl privacy opt-in --whole-tenant
  expect 2 nexusctl privacy opt-in --whole-tenant --user u_dev
  expect 6 nexusctl privacy opt-out --user u_nobody
}

@test "a flag is turned on, and back to the default" {
  expect 0 nexusctl flags set gesture_logging on --field gesture_logging
  [ "$output" = true ]
  expect 0 nexusctl flags show --field set.gesture_logging
  [ "$output" = true ]
  expect 0 nexusctl flags set gesture_logging default --field gesture_logging
  [ "$output" = false ]
  expect 2 nexusctl flags set gesture_logging maybe
  expect 2 nexusctl flags set gesture_loging on
}

@test "a limit is set, felt, and unset" {
  expect 0 nexusctl limits show
  says $'*\t6000\t60' "$output"
  expect 0 nexusctl limits set raw_presign 1 --window 3600
  says $'raw_presign\t1\t3600' "$output"
  expect 0 nexusctl presign --filename once.txt
  expect 9 nexusctl presign --filename twice.txt --timeout 2s
  expect 5 nexusctl limits set raw_presign 6001
  expect 0 as_system nexusctl limits set raw_presign 6001 --reason "a large customer"
  expect 0 nexusctl limits unset raw_presign -o json
  [ "$(json '["*"]["requests"]' <<<"$output")" = 6000 ]
  expect 2 nexusctl limits set raw_presing 5
  expect 2 nexusctl limits set raw_presign none
}
