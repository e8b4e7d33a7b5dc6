#!/usr/bin/env bats
# The pages that the build makes, as a reader of them sees them: mandoc finds no fault, the SYNOPSIS is what --help says
# (tests/unit/cli/manual_test.cpp compares the rest), and every example is understood.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup() {
  command -v mandoc >/dev/null || skip "no mandoc"
  pages=$NEXUS_BIN_DIR/../man
}

# The commands of a group as `--help` lists them, one path a line, down to those that take no further command.
leaves() {
  local help subcommands
  # shellcheck disable=SC2086
  help=$(nexusctl $1 --help)
  subcommands=$(sed -n '/^commands:/,/^$/p' <<<"$help" | sed -n 's/^  \([a-z-]*\) .*/\1/p')
  if [ -z "$subcommands" ]; then
    echo "$1"
    return
  fi
  local sub
  for sub in $subcommands; do leaves "${1:+$1 }$sub"; done
}

usage_of() {
  # shellcheck disable=SC2086
  nexusctl $1 --help | sed -n 's/^usage: //p'
}

# A page as plain text; `x\bx` is how mandoc makes x bold.
page_text() { mandoc -T ascii -O width=400 "$1" | LC_ALL=C sed 's/.\x08//g'; }

synopsis() { # of a page, one usage a line
  page_text "$1" | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | sed '1d;$d' |
    tr -s ' \n' ' ' | sed 's/ nexusctl /\nnexusctl /g; s/^ //' | sed 's/ *$//; /^$/d'
}

differences() {
  local group path page
  for group in $(nexusctl --help | sed -n '/^commands:/,/^$/p' | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
    page=$pages/nexusctl-$group.1
    if [ ! -f "$page" ]; then
      echo "$group: no page"
      continue
    fi
    diff <(leaves "$group" | while read -r path; do usage_of "$path"; done | sort) <(synopsis "$page" | sort) |
      sed -n "s/^[<>]/$group: &/p"
  done
}

@test "every SYNOPSIS equals the usage lines of --help" {
  differences >"$BATS_TEST_TMPDIR/differences"
  diff "$BATS_TEST_TMPDIR/differences" /dev/null
  groups=$(nexusctl --help | sed -n '/^commands:/,/^$/p' | grep -c '^  [a-z]')
  [ "$(find "$pages" -name 'nexusctl-*.1' | wc -l)" = "$groups" ]
}

@test "every page passes mandoc's lint" {
  for page in "$pages"/*; do mandoc -T lint -W warning "$page"; done
}

@test "man has no warning about any page" {
  command -v man >/dev/null || skip "no man"
  for page in "$pages"/*; do man --warnings -E UTF-8 -l "$page" 2>>warnings >/dev/null; done
  diff warnings /dev/null
  printf '.Dd December 1, 2026\n.Dt BAD 7\n.Os\n.Sh NAME\n.Nm bad\n.Nd page\n.nosuch\n' >bad.7
  man --warnings -E UTF-8 -l bad.7 2>found >/dev/null || true
  [ -s found ]
}

@test "nexusctl(1) names every group and every global option" {
  text=$(page_text "$pages/nexusctl.1")
  for word in $(nexusctl --help | sed -n 's/^  \(-o, \)\{0,1\}\(--[a-z-]*\).*/\2/p'); do says "$word" "$text"; done
  for word in $(nexusctl --help | sed -n '/^commands:/,/^$/p' | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
    says "nexusctl-$word(1)" "$text"
  done
}

# Each example is run where nothing answers: 2 would mean that the line is not even understood. wait ends with 8.
@test "every line under EXAMPLES is understood" {
  export NEXUS_CONFIG_DIR=$PWD/config NEXUS_ADDR=http://127.0.0.1:1 NEXUS_TOKEN=x NEXUS_TENANT=t_acme NEXUS_ENV=dev
  mkdir src
  echo content | tee report.pdf scan.pdf clip.mp4 sketch.png note.md helpdesk.md token-file FILE >src/file
  local page line status
  for page in "$pages"/nexusctl*.1; do
    while IFS= read -r line; do
      for context in acme-dev acme-prod; do nexusctl context set $context --server http://127.0.0.1:1 >/dev/null; done
      status=0
      timeout 20 bash -c "$line" >out 2>errors </dev/null || status=$?
      case $status:$line in
        0:* | 3:* | 8:*wait*) ;;
        2:*) grep -q '^error: cannot read .*: No such file' errors ;; # understood: only its file is not here
        *)
          echo "$(basename "$page"): exit $status: $line" >&2
          cat errors >&2
          return 1
          ;;
      esac
    done < <(page_text "$page" | sed -n '/^EXAMPLES/,/^SEE ALSO/p' | sed -n 's/^ \{6,\}\(.*nexusctl .*\)/\1/p')
  done
}
