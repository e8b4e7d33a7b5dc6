# The runner behind ./dev test: it must count what every kind of suite reports, and never take a crash, an empty run or
# a suite that lies about its status for success. The suites here are fakes that print what the real ones print.

setup() {
  repository=$BATS_TEST_DIRNAME/../..
  cd "$BATS_TEST_TMPDIR" || return
  mkdir -p build/fake/bin build/release tests/cli tests/api
  # shellcheck source=tests/runner.bash
  source "$repository/tests/runner.bash"
  say() { printf '%s\n' "$*"; }
}

# fake NAME STATUS TEXT: an executable that prints TEXT and ends with STATUS.
fake() {
  printf '#!/bin/sh\ncat <<"END"\n%s\nEND\nexit %s\n' "$3" "$2" >"build/fake/bin/$1"
  chmod +x "build/fake/bin/$1"
}

totals() { echo "$passed_total $failed_total"; }

@test "Catch2: all passed, some failed, both versions' words" {
  fake a_tests 0 'All tests passed (218 assertions in 19 test cases)'
  fake b_tests 1 'test cases:  5 |  3 passed | 2 failed'
  fake c_tests 0 'All tests passed (1 assertion in 1 test case)'
  run_catch_suites fake >report
  [ "$(totals)" = "23 2" ]
  grep -q 'FAIL.*b_tests' report
  [ "${failed_suites[*]}" = "fake b_tests (2)" ]
}

@test "what a suite counted beside its tests is shown, of Catch2 and of Python" {
  fake a_tests 0 $'counted: a suite, 318 texts: 95 taken\nAll tests passed (1 assertion in 1 test case)'
  run_catch_suites fake >report
  grep -q '^ *counted: a suite, 318 texts: 95 taken$' report
  cat >tests/api/a_test.py <<'END'
print("test_a (A) ... counted: 38 forms\nok\n\nRan 1 test in 0.1s\n\nOK")
END
  run_python 'tests/api/*_test.py' >report
  grep -q '^ *counted: 38 forms$' report
  [ "$(totals)" = "2 0" ]
}

@test "a suite that reads standard input leaves the others in the list" {
  for name in a b; do
    printf 'import sys\nsys.stdin.read()\nprint("Ran 1 test in 0.1s")\nprint("OK")\n' >tests/api/${name}_test.py
    printf '@test "reads" {\n  cat >/dev/null\n}\n' >tests/cli/$name.bats
  done
  run_python 'tests/api/*_test.py' >report
  [ "$(totals)" = "2 0" ]
  run_bats >report
  [ "$(totals)" = "4 0" ]
}

@test "Catch2: a crash without a report is one failure, and so is a report that hides one" {
  fake a_tests 139 'halfway'
  fake b_tests 1 'All tests passed (2 assertions in 2 test cases)'
  run_catch_suites fake >report
  [ "$(totals)" = "2 2" ]
  grep -q 'ended with status 139' report
}

@test "Catch2: a filter that matches nothing here is no failure, but a run of nothing is" {
  fake a_tests 0 'No tests ran'
  run_catch_suites fake raw
  [ "$(totals)" = "0 0" ]
  run summary raw
  [ "$status" -ne 0 ]
  [ "${lines[-1]}" = "0 passed, 1 failed" ]
}

@test "Catch2: without a filter an empty suite that fails is a failure" {
  fake a_tests 2 'No tests ran'
  run_catch_suites fake >/dev/null
  [ "$(totals)" = "0 1" ]
}

@test "a filter asks for the tags and files that hold it, the names, or the whole executable" {
  fake store_tests 0 'All available tags:
   4  [raw]
   3  [#raw_assets_test]
   1  [.rawbench]
   2  [gates]'
  [ "$(catch_spec build/fake/bin/store_tests raw)" = "~[.]*raw*,~[.][raw],~[.][#raw_assets_test]" ]
  [ "$(catch_spec build/fake/bin/store_tests store)" = "~[.],~[.]*store*" ]
  [ "$(catch_spec build/fake/bin/store_tests gates other)" = "~[.]*gates*,~[.][gates],~[.]*other*" ]
}

@test "Python: passed, failed, and a file that cannot even be read" {
  printf 'print("Ran 7 tests in 0.1s")\nprint("OK")\n' >tests/api/a_test.py
  printf 'print("Ran 4 tests in 0.1s")\nprint("FAILED (failures=1, errors=2)")\nexit(1)\n' >tests/api/b_test.py
  printf 'print("Ran 3 tests in 0.1s")\nprint("OK (skipped=2)")\n' >tests/api/d_test.py
  printf 'this is no Python\n' >tests/api/c_test.py
  run_python 'tests/api/*_test.py' >/dev/null
  [ "$(totals)" = "9 4" ]
}

@test "Python: what is skipped is told with its reason" {
  cat >tests/api/a_test.py <<'END'
print("test_a (A) ... skipped 'no server here'\n\nRan 1 test in 0.1s\n\nOK (skipped=1)")
END
  run_python 'tests/api/*_test.py' >report
  [ "$(totals)" = "0 0" ]
  grep -q '^skip .*a_test.py .*1 skipped: no server here$' report
}

@test "Python and bats files are chosen by their name" {
  touch tests/api/raw_test.py tests/api/audit_test.py
  [ "$(matching_files 'tests/api/*_test.py' raw)" = tests/api/raw_test.py ]
  [ "$(matching_files 'tests/api/*_test.py' | wc -l)" -eq 2 ]
}

@test "Catch2: what was skipped is told with its reason, and counts for nothing" {
  fake a_tests 0 $'skipped: no file [one]\nskipped: no file [two]\nAll tests passed (9 assertions in 5 test cases)'
  fake b_tests 0 'All tests passed (9 assertions in 5 test cases)'
  run_catch_suites fake >report
  [ "$(totals)" = "8 0" ]
  grep -q '^skip  a_tests .* 2 skipped: no file$' report
  [ "$(grep -c '^skip' report)" = 1 ]
}

@test "bats: its lines are counted, but not the skipped ones" {
  bats() { printf '1..3\nok 1 a\nok 2 b # skip\nnot ok 3 c\n'; return 1; }
  limited() { "$@"; }
  touch tests/cli/a.bats
  run_bats >/dev/null
  [ "$(totals)" = "1 1" ]
}

@test "bats: what was skipped is told with its reason, also when nothing else ran" {
  bats() { printf '1..3\nok 1 a # skip no npm here\nok 2 b # skip no npm here\nok 3 c # skip\n'; }
  limited() { "$@"; }
  touch tests/cli/a.bats
  run_bats >report
  [ "$(totals)" = "0 0" ]
  grep -q '^skip  tests/cli/a.bats .* 2 skipped: no npm here$' report
  grep -q '^skip  tests/cli/a.bats .* 1 skipped: no reason given$' report
}

@test "the last line is the sum, alone, and the status follows it" {
  record one 3 0 0 /dev/null >/dev/null
  run summary
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = "3 passed, 0 failed" ]
  record two 1 2 0 /dev/null >/dev/null
  run summary
  [ "$status" -ne 0 ]
  [ "${lines[-2]}" = "failed: two (2)" ]
  [ "${lines[-1]}" = "4 passed, 2 failed" ]
}
