#!/usr/bin/env bats
# Search and influence packs by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() {
  start_daemon
  first=$(new_card decision 'The launch plan, in red.' 'title: Élan')
  second=$(new_card note 'A plan of nothing.')
  export first second
}
teardown_file() { stop_daemon; }

# new_card TYPE BODY [HEADER]: makes a card and prints its id.
new_card() {
  printf 'card_type: %s\n%s\n---\n%s\n' "$1" "${3:-x: y}" "$2" >"$BATS_FILE_TMPDIR/card.md"
  nexusctl card create "$BATS_FILE_TMPDIR/card.md" -o name
}

@test "search: words, a phrase, a prefix, accents, a type" {
  expect 0 nexusctl search launch plan -o name
  [ "$output" = "$first" ]
  expect 0 nexusctl search plan -o name
  [ "$(sort <<<"$output")" = "$(printf '%s\n' "$first" "$second" | sort)" ]
  expect 0 nexusctl search '"launch plan"' -o name
  [ "$output" = "$first" ]
  expect 0 nexusctl search '"plan launch"' -o name
  [ -z "$output" ]
  expect 0 nexusctl search 'laun*' elan -o name
  [ "$output" = "$first" ]
  expect 0 nexusctl search plan --type note -o name
  [ "$output" = "$second" ]
  expect 0 nexusctl search plan --top 1 -o json
  [ "$(json '["items"].__len__()' <<<"$output")" = 1 ]
  expect 0 nexusctl search '' --type decision -o name
  [ "$output" = "$first" ]
}

@test "search: a pipe gets score, id, type and snippet in columns, people a table" {
  expect 0 nexusctl search launch
  [ "$(cut -f2- <<<"$output")" = "$first"$'\t'decision$'\t''The **launch** plan, in red.' ]
  expect 0 nexusctl search launch -o table
  says "SCORE" "$output"
  says "The **launch** plan, in red." "$output"
  expect 0 nexusctl search absent -o name
  [ -z "$output" ]
}

@test "search: words that stand far apart are all in the snippet" {
  expect 0 new_card story "The heron stands still. $(printf 'word%s ' {1..200}) At dawn the otter comes."
  expect 0 nexusctl search heron otter --field snippet
  says "The **heron** stands" "$output"
  says " … " "$output"
  says "the **otter** comes." "$output"
}

@test "search: signs are literal, bad wishes are named" {
  expect 0 nexusctl search 'tenant_id:t_other' OR 'launch)' -o name
  [ "$output" = "$first" ]
  expect 2 nexusctl search
  expect 2 nexusctl search x --top 0
  expect 2 nexusctl search x --type No
  says "/filters/card_type" "$errors"
}

@test "search: a query of signs alone is told that it holds no word" {
  expect 0 nexusctl search '✓ €'
  [ -z "$output" ]
  says "the query ✓ € holds no word" "$errors"
  expect 0 nexusctl search launch
  [ -z "$errors" ]
  expect 0 nexusctl search ' '
  [ -z "$errors" ]
  expect 0 nexusctl pack create '✓' --field pack_id
  says "holds no word" "$errors"
  expect 0 nexusctl pack delete "$output"
}

@test "pack: create and show; the kill switch stops it: exit 5" {
  expect 0 nexusctl pack create launch plan --top 5 -o json
  id=$(json '["pack_id"]' <<<"$output")
  [ "$(json '["card_refs"][0]["card_id"]' <<<"$output")" = "$first" ]
  expect 0 nexusctl pack show "$id" --field metadata.result_count
  [ "$output" = 1 ]
  expect 0 nexusctl pack show "$id" --field query.query_text
  [ "$output" = 'launch plan' ]
  expect 0 nexusctl pack list -o name
  [ "$output" = "$id" ]
  expect 0 nexusctl pack delete "$id"
  [[ $output =~ ^$id$'\t'[0-9]+$ ]]
  expect 6 nexusctl pack delete "$id"
  expect 0 nexusctl pack list -o name
  [ -z "$output" ]
  expect 6 nexusctl pack show 01933f9e-7c1b-7000-8000-0123456789ab
  says "[pack.not_found]" "$errors"
  expect 0 nexusctl kill block pack_create
  expect 5 nexusctl pack create launch
  expect 0 nexusctl kill allow pack_create
}
