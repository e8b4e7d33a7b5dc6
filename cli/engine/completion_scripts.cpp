// The scripts that make a shell ask `nexusctl __complete WORD...`. They hold nothing of the tree of commands, so they
// fit every version of nexusctl. A daemon that does not answer costs a second and says nothing.
#include "cli/engine/completion.hpp"
#include "cli/engine/failure.hpp"
#include "daemon/base/nearest.hpp"

namespace nexus::cli {
namespace {

// Readline breaks words at `=` and `:`. Pieces that touch are put together again, and of an offer only what stands
// behind the last break is handed back. Words are as they were typed: the shell has not expanded a tilde yet.
constexpr const char* kBash = R"script(# Completes nexusctl in bash. Made by: nexusctl completion bash
_nexusctl() {
  local i piece offer program rest=${COMP_LINE:0:COMP_POINT} words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if ((i > 1)) && [[ $rest != [[:space:]]* && -n $rest ]]; then
      ((i < COMP_CWORD)) || piece=$rest
      words[${#words[@]} - 1]+=$piece
    else
      rest=${rest#"${rest%%[![:space:]]*}"}
      ((i < COMP_CWORD)) || piece=$rest
      words+=("$piece")
    fi
    rest=${rest#"$piece"}
  done
  piece=${piece##[=:]}
  local cut=${words[${#words[@]} - 1]%"$piece"}
  program=${words[0]}
  [[ $program != '~/'* ]] || program=$HOME/${program:2}
  COMPREPLY=()
  while IFS= read -r offer; do
    if [[ $offer == :files ]]; then
      compopt -o default
    else
      offer=${offer%%$'\t'*}
      COMPREPLY+=("${offer#"$cut"}")
    fi
  done < <("$program" __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _nexusctl nexusctl
)script";

constexpr const char* kZsh = R"script(#compdef nexusctl
# Completes nexusctl in zsh. Made by: nexusctl completion zsh
_nexusctl() {
  local line files=no program=${(Q)words[1]}
  local -a offers
  [[ $program != '~/'* ]] || program=$HOME/${program[3,-1]}
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=yes
    else
      offers+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done < <("$program" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#offers )) && _describe -V nexusctl offers
  if [[ $files == yes ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _nexusctl "$@"
else
  compdef _nexusctl nexusctl
fi
)script";

constexpr const char* kFish = R"script(# Completes nexusctl in fish. Made by: nexusctl completion fish
function __nexusctl_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l typed (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    for line in ($program __complete $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- $typed)
        else
            echo $line
        end
    end
end
complete -c nexusctl -f -a '(__nexusctl_complete)'
)script";

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  throw usage_error("there is no completion for " + shell + ", only for " + either_of(completion_shells()),
                    "nexusctl completion --help");
}

}  // namespace nexus::cli
