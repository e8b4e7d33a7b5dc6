#!/usr/bin/env bats
# Maybes and analytics by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "maybe: create, show, edit, delete" {
  expect 0 nexusctl maybe create 'A tea shop' --tag idea --tag shop --space work --body - -o json <<<'Near the station.'
  id=$(json '["item_id"]' <<<"$output")
  [ "$(json '["body"]' <<<"$output")" = 'Near the station.' ]
  [ "$(json '["tags"]' <<<"$output")" = "['idea', 'shop']" ]
  [ "$(json '["source_type"]' <<<"$output")" = manual ]
  expect 0 nexusctl maybe edit "$id" --title 'A tea house' --no-tags --no-space --source-type chat \
    --source-ref t1 -o json
  [ "$(json '["title"]' <<<"$output")" = 'A tea house' ]
  [ "$(json '["tags"]' <<<"$output")" = '[]' ]
  [ "$(json '["space"]' <<<"$output")" = None ]
  [ "$(json '["source_ref"]' <<<"$output")" = t1 ]
  [ "$(json '["body"]' <<<"$output")" = 'Near the station.' ]
  expect 2 nexusctl maybe edit "$id"
  says "nothing to change" "$errors"
  expect 2 nexusctl maybe edit "$id" --tag a --no-tags
  says "--tag and --no-tags exclude each other" "$errors"
  expect 0 nexusctl maybe delete "$id"
  expect 6 nexusctl maybe show "$id"
  says "[maybe.not_found]" "$errors"
}

@test "maybe: pin, archive and find" {
  tea=$(nexusctl maybe create 'Green tea' --tag drink -o name)
  ice=$(nexusctl maybe create 'Ice' --body 'like TEA, but cold' --tag cold --space kitchen --pinned -o name)
  expect 0 nexusctl maybe list --search tea -o name
  [ "$output" = "$ice"$'\n'"$tea" ]
  expect 0 nexusctl maybe list --tag drink --tag none -o name
  [ "$output" = "$tea" ]
  expect 0 nexusctl maybe list --pinned -o name
  [ "$output" = "$ice" ]
  expect 0 nexusctl maybe pin "$tea"
  expect 0 nexusctl maybe unpin "$ice"
  expect 0 nexusctl maybe list --pinned -o name
  [ "$output" = "$tea" ]
  expect 0 nexusctl maybe archive "$ice"
  expect 0 nexusctl maybe list --space kitchen -o name
  [ -z "$output" ]
  expect 0 nexusctl maybe list --archived -o name
  [ "$output" = "$ice" ]
  expect 0 nexusctl maybe unarchive "$ice" --field archived
  [ "$output" = false ]
}

@test "maybe: bad input is told by its field" {
  expect 2 nexusctl maybe create ''
  says "/title" "$errors"
  expect 2 nexusctl maybe create t --tag a,b
  says "/tags" "$errors"
  expect 2 nexusctl maybe list --limit 0
  expect 2 nexusctl maybe create
}

@test "event pageview and cta-click: the answer says what was personal" {
  expect 0 nexusctl event pageview landing --path /pricing --utm-source mail --metadata '{"scroll":40}' -o json
  [ "$(json '["pii_flags"]' <<<"$output")" = '[]' ]
  id=$(json '["event_id"]' <<<"$output")
  expect 0 nexusctl event show "$id" --field input.utm_source
  [ "$output" = mail ]
  expect 0 nexusctl event cta-click landing --cta-id buy --label 'Write to jane@example.com' -o json
  [ "$(json '["pii_flags"]' <<<"$output")" = "['email']" ]
  [ "$(json '["train_ok"]' <<<"$output")" = False ]
  expect 0 nexusctl event list --event-type analytics_cta_click --field input.label
  [ "$output" = 'Write to [REDACTED:email]' ]
  expect 2 nexusctl event pageview 'no surface'
  says "/surface" "$errors"
  expect 0 nexusctl kill block analytics_pageview
  expect 5 nexusctl event pageview landing
  expect 0 nexusctl kill allow analytics_pageview
}
