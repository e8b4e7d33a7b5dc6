#!/usr/bin/env bats
# docs/tour.md is true: every command in its console blocks runs, in order and in one shell, ends with 0, and prints
# what stands below it (page.bash).

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers
load page

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "a tour says the same as the program" {
  export NEXUS_FORMAT=table # what people see on a terminal
  play_page <"$repository/docs/tour.md"
  [ "$played" -ge 40 ]
}

# refused COMMAND…: it must fail.
refused() {
  if "$@" 2>/dev/null; then return 1; fi
}

@test "a page that says something else is found out" {
  answers 'a … c' 'a b c'
  refused answers 'a … c' 'a b d'
  answers $'one\n…\nfour' $'one\ntwo\nthree\nfour'
  refused answers '[x]*' 'xy'
  command='echo yes' expected=no
  refused play
  command=false expected=
  refused play
  command='false # exit 2' expected=
  refused play
  command='echo yes' expected=
  refused play
  lenient=yes play
  command='false # exit 1, as it should' expected=
  play
  command='echo  yes' expected='y…'
  play
  [ "$played" -eq 3 ]
  refused play_page <<<$'```console\n$ echo a\na\n$ echo b\nc\n```'
  refused play_page <<<$'<!-- drill: nothing -->'
  play_page <<<$'<!-- file: made -->\n```\none\n```\n```console\n$ cat made\none\n```'
  [ "$played" -eq 5 ]
}
