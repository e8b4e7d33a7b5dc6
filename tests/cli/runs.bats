#!/usr/bin/env bats
# Runs by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "runs: start, belong, show, list, finish" {
  expect 0 nexusctl runs start research --metadata '{"topic":"tea"}' -o name
  id=$output
  expect 0 nexusctl presign --filename a.txt --run "$id"
  NEXUS_RUN_ID=$id expect 0 nexusctl presign --filename b.txt
  expect 0 nexusctl presign --filename c.txt
  expect 0 nexusctl runs show "$id" -o json
  [ "$(json '["events_count"]' <<<"$output")" = 2 ]
  [ "$(json '["metadata"]' <<<"$output")" = "{'event_types': ['raw_asset_presigned'], 'topic': 'tea'}" ]
  [ "$(json '["end_time"]' <<<"$output")" = None ]
  expect 0 nexusctl runs show "$id" --events --field event_type
  [ "$output" = $'raw_asset_presigned\nraw_asset_presigned' ]
  expect 0 nexusctl event list --run-id "$id" -o json
  [ "$(json '["items"][0]["input"]["filename"]' <<<"$output")" = b.txt ]
  expect 0 nexusctl runs list --kind research -o name
  [ "$output" = "$id" ]
  expect 0 nexusctl runs list --kind other -o name
  [ -z "$output" ]
  NEXUS_RUN_ID=$id expect 0 nexusctl runs finish "$id" --status failed --metadata '{"why":"no tea"}' -o json
  [ "$(json '["metadata"]["why"]' <<<"$output")" = "no tea" ]
  NEXUS_RUN_ID=$id expect 0 nexusctl runs show "$id" --field status
  [ "$output" = failed ]
  expect 7 nexusctl presign --filename d.txt --run "$id"
  says "[run.finished]" "$errors"
  expect 7 nexusctl runs finish "$id"
  expect 6 nexusctl presign --filename d.txt --run none
  says "[run.not_found]" "$errors"
}

@test "runs: what is wrong is said" {
  expect 2 nexusctl runs start trace
  says "/kind" "$errors"
  expect 2 nexusctl runs start research --metadata nonsense
  expect 2 nexusctl runs list --since yesterday
  id=$(nexusctl runs start research -o name)
  expect 2 nexusctl runs finish "$id" --status ended
  says "/status" "$errors"
  expect 2 nexusctl runs show "$id" --all
  expect 6 nexusctl runs show none
  expect 6 nexusctl runs watch none
}

@test "runs: watch prints each event once, and ends as the run does" {
  id=$(nexusctl runs start research -o name)
  nexusctl presign --filename a.txt --run "$id" >/dev/null
  nexusctl runs watch "$id" --interval 50ms --field event_type --quiet >watched 3>&- &
  watcher=$!
  until [ -s watched ]; do sleep 0.05; done
  NEXUS_RUN_ID=$id expect 0 nexusctl upload "$BATS_TEST_FILENAME"
  expect 0 nexusctl runs finish "$id"
  wait $watcher
  [ "$(cat watched)" = $'raw_asset_presigned\nraw_asset_presigned\nraw_asset_registered' ]
  expect 0 nexusctl runs watch "$id"
  says "completed" "$errors"
  id=$(nexusctl runs start research -o name)
  expect 0 nexusctl runs finish "$id" --status cancelled
  expect 1 nexusctl runs watch "$id"
}
