#!/usr/bin/env bats
# Cards and settings by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "card: create, list, show, delete" {
  printf -- '---\ncard_type: note\ntitle: Call\n---\n\nCall Ann.\n' >note.md
  expect 0 nexusctl card create note.md -o name
  id=$output
  expect 0 nexusctl card create - -o name <<<$'card_type: task\n---\nx'
  expect 0 nexusctl card list --type note -o name
  [ "$output" = "$id" ]
  nexusctl card show "$id" --text >back.md
  cmp note.md back.md
  expect 0 nexusctl card show "$id" --field header.title
  [ "$output" = Call ]
  expect 0 nexusctl card delete "$id" -o name
  [ "$output" = "$id" ]
  expect 6 nexusctl card show "$id"
}

@test "card: what is wrong is named, and settings have a place of their own" {
  expect 2 nexusctl card create - <<<$'card_type: note\na: &x 1\n---\n'
  says "line 2, column 4: anchors are not taken" "$errors"
  expect 2 nexusctl card create - <<<$'card_type: app_definition\nname: x\n---\n'
  says "[card.reserved_type]" "$errors"
  expect 2 nexusctl card create missing.md
  head -c 300000 /dev/zero | tr '\0' x >large.md
  expect 2 nexusctl card create large.md
  says "at most 262144" "$errors"
}

@test "settings: put, get, history, diff" {
  printf 'card_type: app_definition\nname: desk\n---\none\ntwo\nthree\n' >desk.md
  expect 0 nexusctl settings put app/desk desk.md --field version
  [ "$output" = 1 ]
  first=$(nexusctl settings get app/desk --field card_id)
  sed 's/two/zwei/' desk.md >changed.md
  expect 0 nexusctl settings put app/desk changed.md --if-card "$first" --field version
  [ "$output" = 2 ]
  expect 7 nexusctl settings put app/desk desk.md --if-card "$first"
  nexusctl settings get app/desk --text | cmp - changed.md
  expect 0 nexusctl settings history app/desk --field items.1.card_id
  [ "$output" = "$first" ]
  expect 0 nexusctl settings diff app/desk
  says $'@@ -2,5 +2,5 @@\n name: desk\n ---\n one\n-two\n+zwei\n three' "$output"
  expect 0 nexusctl settings diff app/desk 2 1
  says $'-zwei\n+two' "$output"
  expect 6 nexusctl settings diff app/desk 7
  expect 0 nexusctl settings get apps -o name
  says "$(nexusctl settings get app/desk --field card_id)" "$output"
}

@test "settings: a document that is not there, a wrong name, a wrong word" {
  expect 6 nexusctl settings get connector/none
  expect 2 nexusctl settings put connector/mail - <<<$'card_type: connector_config\nname: post\n---\n'
  says "/header/name" "$errors"
  expect 2 nexusctl settings get application/x
  says "DOCUMENT is surface, app/NAME or connector/NAME" "$errors"
}
