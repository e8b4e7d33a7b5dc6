#!/usr/bin/env bats
# Atoms by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "atoms: create, create again, list, show, download" {
  printf 'One.\nStill one.\n\nTwo.\n' >text.txt
  asset=$(nexusctl upload text.txt --field asset_id)
  expect 0 nexusctl atom create "$asset" --op text_split -o json
  first=$output
  [ "$(json '["items"][0]["content"]' <<<"$output")" = $'One.\nStill one.' ]
  [ "$(json '["items"][1]["content"]' <<<"$output")" = Two. ]
  id=$(json '["items"][1]["atom_id"]' <<<"$output")
  expect 0 nexusctl atom create "$asset" --op text_split --max-chars 4000 -o json
  [ "$output" = "$first" ]
  says "there already" "$errors"
  expect 0 nexusctl atom create "$asset" --op lines -o name
  [ "$(wc -l <<<"$output")" = 3 ]
  expect 0 nexusctl atom list "$asset" --limit 2 --all -o name
  [ "$(wc -l <<<"$output")" = 5 ]
  expect 0 nexusctl atom list "$asset" --op lines --field content
  [ "$output" = $'One.\nStill one.\nTwo.' ]
  expect 0 nexusctl atom show "$id" --field content
  [ "$output" = Two. ]
  expect 0 nexusctl atom download "$id" -O two
  [ "$(cat two)" = Two. ]
  expect 0 nexusctl atom download "$id" -O two --force --field sha256
  [ "$output" = "$(sha256sum <two | cut -d' ' -f1)" ]
  expect 0 nexusctl atom download "$id" -O -
  [ "$output" = Two. ]
}

@test "atoms: a large one is an object and comes back whole" {
  head -c 50000 /dev/urandom | base64 >large.txt
  asset=$(nexusctl upload large.txt --field asset_id)
  expect 0 nexusctl atom create "$asset" --op text_identity -o json
  id=$(json '["items"][0]["atom_id"]' <<<"$output")
  says "s3://nexus/tenants/t_dev/dev/atoms/$id/" "$(json '["items"][0]["uri"]' <<<"$output")"
  expect 0 nexusctl atom download "$id" -O back
  cmp large.txt back
}

@test "atoms: what is wrong is said" {
  printf '\377\376' >binary
  asset=$(nexusctl upload binary --field asset_id)
  expect 2 nexusctl atom create "$asset" --op text_identity
  says "[atom.not_text]" "$errors"
  expect 2 nexusctl atom create "$asset" --op shuffle
  says "/op_type" "$errors"
  expect 2 nexusctl atom create "$asset" --op lines --max-chars 5
  says "/params/max_chars" "$errors"
  expect 2 nexusctl atom create "$asset" --op text_split --max-chars 0
  expect 6 nexusctl atom create none --op lines
  expect 6 nexusctl atom list none
  expect 6 nexusctl atom show none
  expect 6 nexusctl atom download none
}
