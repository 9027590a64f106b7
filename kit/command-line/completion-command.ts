import { defineCommand } from './command.ts'
import type { Command } from './declaration.ts'

/**
 * The command `completion`, which every program has: it prints a script that makes the Tab key of a
 * shell ask the program itself how the line may continue.
 */
export const completionCommand = (program: string): Command<unknown> =>
  defineCommand({
    summary: 'Prints the lines that make the Tab key complete commands and options.',
    examples: [
      `eval "$(${program} completion bash)"    # in ~/.bashrc`,
      `eval "$(${program} completion zsh)"     # in ~/.zshrc, after compinit`,
      `${program} completion fish | source     # in ~/.config/fish/config.fish`,
    ],
    arguments: {
      shell: {
        type: 'choice',
        choices: ['bash', 'zsh', 'fish'],
        description: 'The shell you use.',
      },
    },
    run: async (call) => {
      process.stdout.write(SCRIPTS[call.arguments.shell](program))
      return 0
    },
  })

const SCRIPTS: Readonly<Record<'bash' | 'zsh' | 'fish', (program: string) => string>> = {
  bash: (program) => `${functionName(program)}() {
  local IFS=$'\\n'
  COMPREPLY=($(${program} __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o default -F ${functionName(program)} ${program}
`,
  zsh: (program) => `${functionName(program)}() {
  local -a candidates
  candidates=("\${(@f)$(${program} __complete "\${(@)words[2,CURRENT]}" 2>/dev/null | sed 's/:/\\\\:/g; s/\\t$//; s/\\t/:/')}")
  if [[ -n $candidates ]]; then _describe '${program}' candidates; else _files; fi
}
compdef ${functionName(program)} ${program}
`,
  fish: (program) => `function ${functionName(program)}
  set -l words (commandline -opc) (commandline -ct)
  ${program} __complete $words[2..] 2>/dev/null
end
complete -c ${program} -a '(${functionName(program)})'
`,
}

const functionName = (program: string): string => `_${program.replaceAll('-', '_')}_complete`
