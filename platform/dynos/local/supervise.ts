/**
 * The parent of every dyno: a small shell that outlives the control plane, starts the program and writes
 * its exit status where the control plane, or the next one, finds it. Under 2 MB and no CPU.
 */
export const superviseCommand = (dyno: SupervisedProgram): string[] => [
  'sh',
  '-c',
  SUPERVISE,
  'hokku-dyno',
  dyno.folder,
  dyno.exitFile,
  dyno.passOnInterrupts ? ':' : '',
  String(dyno.cgroupFiles.length),
  ...dyno.cgroupFiles,
  ...dyno.program,
]

export type SupervisedProgram = Readonly<{
  folder: string
  exitFile: string
  /** Files to which the shell writes its pid, so that it and all below it are limited. */
  cgroupFiles: readonly string[]
  /** Ctrl-C in a terminal reaches the program; otherwise it is ignored by all that inherit it. */
  passOnInterrupts: boolean
  program: readonly string[]
}>

/**
 * Only builtins, so that a start costs no further process. Both outputs are one, in order; the
 * shell keeps its own remarks (`Killed`) to itself.
 */
const SUPERVISE = `folder=$1 exit=$2; trap "$3" INT QUIT; groups=$4; shift 4; exec 2>/dev/null
if ! { read -r self < /proc/$$/stat; } 2>/dev/null; then
self=$(ps -o pid=,ppid=,pgid=,stat=,lstart= -p $$); fi
echo "$self" > "$folder/supervisor"
while [ "$groups" -gt 0 ]; do { echo $$ > "$1"; } 2>/dev/null; shift; groups=$((groups-1)); done
(exec "$@" 2>&1)
echo $? > "$exit"`

/**
 * What runs inside, as the app's user: the slug's profile scripts, then the command line.
 * @see https://devcenter.heroku.com/articles/profiled
 */
export const bootCommand = (commandLine: string): string[] => [
  'bash',
  '-c',
  BOOT,
  'bash',
  commandLine,
]

const BOOT = `for __hokku in "$HOME"/.profile.d/*.sh; do [ -r "$__hokku" ] && . "$__hokku"; done
unset __hokku; [ -r "$HOME/.profile" ] && . "$HOME/.profile"; exec bash -c "$1"`
