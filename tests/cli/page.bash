# shellcheck shell=bash
# Plays a page: runs the commands of its console blocks in one shell, one after the other, and holds what they print and
# how they end against what stands there. `…` stands for whatever differs from run to run; spaces only align columns.
#
#   $ command          run as it stands; lines with > before them go on with it
#   $ command # exit 5 it must end with 5; without such a note with 0
#   output             what it must print; where none stands, whatever it prints will do, if $lenient is set
#   <!-- file: PATH -->  the next block is written to PATH
#   <!-- drill: NAME --> what happens meanwhile on the reader's machine: the function drill_NAME

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
  [ -n "${command:-}" ] || return 0
  local status=0 wanted=0 actual
  [[ ! $command =~ \#.*exit\ ([0-9]+) ]] || wanted=${BASH_REMATCH[1]}
  eval "$command" >"$BATS_TEST_TMPDIR/answer" 2>&1 </dev/null || status=$?
  actual=$(squeezed <"$BATS_TEST_TMPDIR/answer")
  expected=$(squeezed <<<"${expected:-}")
  if [ "$status" -ne "$wanted" ] ||
    ! { [ -n "${lenient:-}" ] && [ -z "$expected" ] || answers "$expected" "$actual"; }; then
    printf '$ %s\nexit %s, printed:\n%s\nthe page says:\n%s\n' "$command" "$status" "$actual" "$expected" >&2
    return 1
  fi
  played=$((${played:-0} + 1))
  command='' expected=''
}

# play_page: the text on standard input. $played counts the commands. Ends at the first that says something else.
play_page() {
  local line block='' file=''
  command='' expected=''
  while IFS= read -r line <&4; do
    case $block:$line in
      :'<!-- file: '*) file=${line#'<!-- file: '} file=${file%' -->'} ;;
      :'<!-- drill: '*) line=${line#'<!-- drill: '} && "drill_${line%' -->'}" || return ;;
      :'```'*)
        block=${line#'```'}
        [ -z "$file" ] || { block='file' && mkdir -p "$(dirname "$file")" && : >"$file"; }
        ;;
      *:'```')
        play || return
        block='' file=''
        ;;
      file:*) printf '%s\n' "$line" >>"$file" ;;
      console:'$ '*)
        play || return
        command=${line#'$ '}
        ;;
      console:'> '* | console:'>') command+=$'\n'${line#'>'} command=${command/$'\n '/$'\n'} ;;
      console:*) expected+=${expected:+$'\n'}$line ;;
    esac
  done 4<&0
}
