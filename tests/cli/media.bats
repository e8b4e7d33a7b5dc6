#!/usr/bin/env bats
# Media and canvases by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "media: upload, list, show, download, delete" {
  head -c 700000 /dev/urandom >clip.MP4
  expect 0 nexusctl media upload clip.MP4 --tag launch --tag draft --source-ref 'shoot 7' --meta '{"take":3}' -o json
  id=$(json '["asset_id"]' <<<"$output")
  [ "$(json '["kind"]' <<<"$output")" = video ]
  [ "$(json '["content_type"]' <<<"$output")" = video/mp4 ]
  [ "$(json '["tags"]' <<<"$output")" = "['launch', 'draft']" ]
  [ "$(json '["meta"]["take"]' <<<"$output")" = 3 ]
  [ "$(json '["sha256"]' <<<"$output")" = "$(sha256sum clip.MP4 | cut -d' ' -f1)" ]
  expect 0 nexusctl media list --tag launch --kind video -o name
  [ "$output" = "$id" ]
  expect 0 nexusctl media list --tag other -o name
  [ -z "$output" ]
  expect 0 nexusctl media show "$id" --field source_ref
  [ "$output" = 'shoot 7' ]
  expect 0 nexusctl media download "$id" -O back
  cmp clip.MP4 back
  expect 0 nexusctl media delete "$id"
  expect 6 nexusctl media show "$id"
}

@test "media: several files, a bad kind, standard input, a repeated upload" {
  echo a >a.png
  echo b >b.mp3
  expect 0 nexusctl media upload a.png b.mp3 --field kind
  [ "$output" = $'image\naudio' ]
  expect 2 nexusctl media upload a.png --kind film
  says "/kind" "$errors"
  expect 2 nexusctl media upload a.png --meta nonsense
  expect 2 nexusctl media upload - <<<x
  expect 0 nexusctl media upload - --filename in.wav --field kind <<<x
  [ "$output" = audio ]
  first=$(nexusctl media upload a.png --idempotency-key once -o name)
  [ "$(nexusctl media upload a.png --idempotency-key once -o name)" = "$first" ]
  expect 2 nexusctl media upload b.mp3 --idempotency-key once
}

@test "media: a remote address is kept and never fetched" {
  expect 0 nexusctl media add-remote https://cdn.example/clip.mp4 --kind video --tag x -o name
  id=$output
  expect 0 nexusctl media show "$id" --field source_uri
  [ "$output" = https://cdn.example/clip.mp4 ]
  expect 7 nexusctl media download "$id" -O remote
  [ ! -e remote ]
  expect 2 nexusctl media add-remote "$NEXUS_ADDR/blobs/nexus/x"
  says "[storage.foreign_prefix]" "$errors"
}

@test "media: artifacts" {
  echo a >a.mp4
  expect 0 nexusctl media upload a.mp4 -o json
  id=$(json '["asset_id"]' <<<"$output")
  uri=$(json '["uri"]' <<<"$output")
  expect 0 nexusctl media artifact add "$id" "$uri" --kind frame --start-ms 4000 --end-ms 5000 --track-label v1 -o name
  made=$output
  expect 0 nexusctl media artifact show "$made" --field end_ms
  [ "$output" = 5000 ]
  expect 0 nexusctl media artifact list "$id" -o name
  [ "$output" = "$made" ]
  expect 2 nexusctl media artifact add "$id" s3://nexus/tenants/t_other/dev/raw/a/b --kind frame
  says "[storage.foreign_prefix]" "$errors"
}

@test "canvas: create, upload, list, show, download" {
  echo pixels >sketch.png
  expect 0 nexusctl canvas create board-1 --title 'Spring launch'
  expect 7 nexusctl canvas create board-1
  expect 0 nexusctl canvas create -o name
  expect 0 nexusctl canvas show board-1 --field title
  [ "$output" = 'Spring launch' ]
  expect 0 nexusctl canvas upload board-1 sketch.png -o name
  id=$output
  expect 0 nexusctl canvas list board-1 -o name
  [ "$output" = "$id" ]
  expect 0 nexusctl canvas list -o name
  says board-1 "$output"
  expect 0 nexusctl canvas show board-1 "$id" --field filename
  [ "$output" = sketch.png ]
  expect 0 nexusctl canvas download board-1 "$id" -O back.png
  cmp sketch.png back.png
  expect 6 nexusctl canvas upload none sketch.png
  says "[canvas.not_found]" "$errors"
}

@test "the kill switch stops an upload: exit 5" {
  echo a >a.png
  expect 0 nexusctl kill block media_upload
  expect 5 nexusctl media upload a.png
  says "[kill_switch_blocked]" "$errors"
  expect 0 nexusctl kill allow media_upload
  expect 0 nexusctl media upload a.png -o name
}

@test "an upload as a curl line does what it says" {
  command -v curl >/dev/null || skip "no curl"
  echo a >'a "b".png'
  expect 0 nexusctl media upload 'a "b".png' --tag x --print curl
  case $output in *"$NEXUS_TOKEN"*) return 1 ;; esac
  [ "$(bash -c "$output" | json '["tags"]')" = "['x']" ]
}
