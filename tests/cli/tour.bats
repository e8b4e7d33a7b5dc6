#!/usr/bin/env bats
# docs/tour.md is true: every command in its console blocks runs, in order and in one shell, ends with 0, and prints
# what stands below it. There `…` stands for whatever differs from run to run; spaces only align columns.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

tour=$BATS_TEST_DIRNAME/../../docs/tour.md

squeezed() { sed 's/  */ /g; s/ *$//'; }

# answers EXPECTED ACTUAL
answers() {
  local pattern
  pattern=$(sed 's/[][\\*?]/\\&/g; s/…/*/g' <<<"$1")
  # shellcheck disable=SC2053 # a pattern on purpose
  [[ $2 == $pattern ]]
}

# Runs $command and holds its answer against $expected, as the reader of the page does.
play() {
  [ -n "$command" ] || return 0
  local status=0 actual
  eval "$command" >"$BATS_TEST_TMPDIR/answer" 2>&1 </dev/null || status=$?
  actual=$(squeezed <"$BATS_TEST_TMPDIR/answer")
  expected=$(squeezed <<<"$expected")
  if [ "$status" -ne 0 ] || ! answers "$expected" "$actual"; then
    printf '$ %s\nexit %s, printed:\n%s\nthe page says:\n%s\n' "$command" "$status" "$actual" "$expected" >&2
    return 1
  fi
  played=$((played + 1))
}

@test "a tour says the same as the program" {
  export NEXUS_FORMAT=table # what people see on a terminal
  local command='' expected='' played=0 line
  while IFS= read -r line; do
    case $line in
      '$ '*)
        play
        command=${line#'$ '} expected=
        ;;
      '> '* | '>') command+=$'\n'${line#'>'} command=${command/$'\n '/$'\n'} ;;
      *) expected+=${expected:+$'\n'}$line ;;
    esac
  done < <(sed -n '/^```console$/,/^```$/{/^```/d;p}' "$tour")
  play
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
  command='echo yes' expected=no played=0
  refused play
  command=false expected=
  refused play
  command='echo  yes' expected='y…'
  play
}
