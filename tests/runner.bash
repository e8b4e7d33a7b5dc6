# shellcheck shell=bash
# Runs suites of every kind (Catch2, Python's unittest, bats) and adds up their test cases: sourced by ./dev, which
# builds before and decides what is run. Relies on dev's colours; leaves three sums behind.

: "${green=}" "${red=}" "${plain=}"
suite_seconds=900  # that one may take
passed_total=0
failed_total=0
failed_suites=()

# record NAME PASSED FAILED SECONDS LOG: one line a suite; the output of a suite that failed is shown whole.
record() {
  local name=$1 passed=$2 failed=$3 seconds=$4 log=$5
  passed_total=$((passed_total + passed))
  failed_total=$((failed_total + failed))
  if ((failed == 0)); then
    ((passed == 0)) || printf '%sok%s    %-34s %5d passed  %3d s\n' "$green" "$plain" "$name" "$passed" "$seconds"
    return
  fi
  failed_suites+=("$name ($failed)")
  cat "$log"
  printf '%sFAIL%s  %-34s %5d passed, %d failed  %3d s\n' "$red" "$plain" "$name" "$passed" "$failed" "$seconds"
}

# limited COMMAND...: no suite may hang for ever, and none reads what its caller reads, such as the list of suites.
limited() {
  timeout --kill-after=20 "$suite_seconds" "$@" </dev/null
}

# The two counts of a Catch2 console report, version 2 or 3: `All tests passed (9 assertions in 3 test cases)` or
# `test cases: 3 | 2 passed | 1 failed`.
catch_counts() {
  local log=$1 line number passed=0 failed=0
  if line=$(grep -E '^All tests passed' "$log" | tail -n 1) && [[ $line =~ in\ ([0-9]+)\ test\ case ]]; then
    passed=${BASH_REMATCH[1]}
  elif line=$(grep -E '^test cases:' "$log" | tail -n 1); then
    for number in passed failed; do
      [[ $line =~ ([0-9]+)\ $number ]] && printf -v "$number" '%s' "${BASH_REMATCH[1]}"
    done
  fi
  echo "$passed $failed"
}

# catch_spec EXECUTABLE FILTER...: Catch2's expression for the filters: every tag that holds one (files are tags too),
# and every name, or all when the executable itself is meant. `~[.]`: never the hidden ones, such as benchmarks.
catch_spec() {
  local executable=$1 filter spec='' tag
  shift
  for filter in "$@"; do
    [[ $(basename "$executable") != *"$filter"* ]] || spec+='~[.],'
    spec+="~[.]*$filter*,"
    while IFS= read -r tag; do spec+="~[.]$tag,"; done < <("$executable" --filenames-as-tags --list-tags 2>/dev/null |
      grep -oiE "\\[[^].]*${filter}[^]]*\\]" || true)
  done
  echo "${spec%,}"
}

# run_catch PRESET EXECUTABLE FILTER...
run_catch() {
  run_catch_into "build/$1/$(basename "$2").log" "$@"
}

# The same with the store on a PostgreSQL that the tests start themselves (tests/support/databases.hpp).
run_catch_on_postgres() {
  local log
  log=build/$1/$(basename "$2")_on_postgres.log
  NEXUS_TEST_STORE=postgres run_catch_into "$log" "$@"
}

# The same with two daemons on each store, which get the requests in turn (tests/support/second_daemon.hpp).
run_catch_on_two_daemons() {
  local log
  log=build/$1/$(basename "$2")_on_two_daemons.log
  NEXUS_TEST_STORE=postgres NEXUS_TEST_DAEMONS=2 run_catch_into "$log" "$@"
}

run_catch_into() {
  local log=$1 preset=$2 executable=$3 status=0 started=$SECONDS arguments=()
  shift 3
  (($# == 0)) || arguments=(--filenames-as-tags "$(catch_spec "$executable" "$@")")
  limited "$executable" "${arguments[@]}" >"$log" 2>&1 || status=$?
  record_catch "$preset${NEXUS_TEST_STORE:+ on $NEXUS_TEST_STORE}${NEXUS_TEST_DAEMONS:+ by $NEXUS_TEST_DAEMONS}" \
    "$executable" "$log" "$status" $((SECONDS - started)) "$@"
}

record_catch() {
  local preset=$1 executable=$2 log=$3 status=$4 seconds=$5 counts passed failed skips
  shift 5
  counts=$(catch_counts "$log")
  read -r passed failed <<<"$counts"
  skips=$(grep -c '^skipped: ' "$log") || true
  ((passed -= skips)) || true  # what was skipped proved nothing
  # A crash, a sanitizer's report or a timeout may leave no counts; a filter that matches nothing is no failure.
  if ((status != 0 && failed == 0)) && ! { (($#)) && grep -qiE '^No test' "$log"; }; then
    echo "$executable ended with status $status" >>"$log"
    failed=1
  fi
  record "$preset $(basename "$executable")" "$passed" "$failed" "$seconds" "$log"
  skipped "$(basename "$executable")" "$log"
  counted "$log"
}

run_catch_suites() {
  local preset=$1 executable
  shift
  for executable in "build/$preset/bin/"*_tests; do
    [[ -x $executable ]] && run_catch "$preset" "$executable" "$@"
  done
  return 0
}

# Files of shell and Python tests: all, or those whose name holds a filter.
matching_files() {
  local file filter
  for file in $1; do
    [[ -f $file ]] || continue
    (($# == 1)) && echo "$file"
    for filter in "${@:2}"; do [[ $(basename "$file") == *"$filter"* ]] && echo "$file" && break; done
  done
  return 0
}

# skipped FILE LOG: what bats, Python or Catch2 skipped and why, one line a reason, so that nothing is left out unseen.
skipped() {
  local count reason
  while read -r count reason; do
    printf 'skip  %-34s %5d skipped: %s\n' "$1" "$count" "${reason:-no reason given}"
  done < <(sed -nE "s/^ok .*# skip ?//p; s/.* \.\.\. skipped ['\"](.*)['\"]\$/\1/p; s/^skipped: (.*) \[.*/\1/p" "$2" |
    sort | uniq -c)
}

# counted LOG: what a suite counted beside its tests, behind the word `counted: `: how many cases of others it ran.
counted() { sed -nE 's/.*counted: (.*)/      counted: \1/p' "$1"; }

run_bats() {
  local file log status started
  while IFS= read -r file; do
    started=$SECONDS status=0
    log=build/release/$(basename "$file").log
    limited bats --tap "$file" >"$log" 2>&1 || status=$?
    local passed failed
    passed=$(grep -E '^ok ' "$log" | grep -cvE '# skip') || true  # what was skipped proved nothing
    failed=$(grep -cE '^not ok ' "$log") || true
    ((status != 0 && failed == 0)) && failed=1
    record "$file" "$passed" "$failed" $((SECONDS - started)) "$log"
    skipped "$file" "$log"
  done < <(matching_files 'tests/cli/*.bats' "$@")
}

run_python() {
  local pattern=$1 file log status started
  shift
  while IFS= read -r file; do
    started=$SECONDS status=0
    log=build/release/$(basename "$file").log
    PYTHONDONTWRITEBYTECODE=1 limited python3 "$file" -v >"$log" 2>&1 || status=$?
    local ran=0 failed=0 line number
    [[ $(grep -E '^Ran [0-9]+ test' "$log" | tail -n 1) =~ ([0-9]+) ]] && ran=${BASH_REMATCH[1]}
    line=$(grep -E '^FAILED' "$log" | tail -n 1) || true
    for number in failures errors; do
      [[ $line =~ $number=([0-9]+) ]] && failed=$((failed + BASH_REMATCH[1]))
    done
    ((status != 0 && failed == 0)) && failed=1
    [[ $(tail -n 3 "$log") =~ skipped=([0-9]+) ]] && ran=$((ran - BASH_REMATCH[1]))
    ((ran >= failed)) || ran=$failed
    record "$file" $((ran - failed)) "$failed" $((SECONDS - started)) "$log"
    counted "$log"
    skipped "$file" "$log"
  done < <(matching_files "$pattern" "$@")
}

# The last lines of a run; fails when a test did, or when none ran at all.
summary() {
  local suite
  say ""
  for suite in "${failed_suites[@]}"; do say "failed: $suite"; done
  if ((passed_total + failed_total == 0)); then
    say "no test ran$([[ -z $* ]] || echo ": nothing matches $*")"
    failed_total=1
  fi
  say "$passed_total passed, $failed_total failed"
  ((failed_total == 0))
}
