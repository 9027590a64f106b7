/**
 * The hook that git runs before it accepts a push. It decides nothing: it sends the control plane what was
 * pushed (descriptor 3), prints its answer (4), and ends as it says (5). When the
 * control plane dies both close, and the push is declined.
 */
export const PRE_RECEIVE = `#!/bin/sh
{
  printf 'objects %s\\n' "$GIT_OBJECT_DIRECTORY"
  printf 'alternates %s\\n' "$GIT_ALTERNATE_OBJECT_DIRECTORIES"
  while read -r old new ref; do printf 'ref %s %s %s\\n' "$old" "$new" "$ref"; done
  echo end
} >&3
cat <&4
status=1
read -r status <&5
exit "$status"
`

export type PushedRef = Readonly<{ name: string; old: string; new: string }>

/** What a client pushed, before git has accepted it. */
export type Push = Readonly<{
  refs: readonly PushedRef[]
  /** Folders with the objects; the first one holds what is new, until the push is accepted. */
  objects: readonly string[]
}>

/** Reads the hook's report; undefined until it is complete. */
export function parsePush(text: string): Push | undefined {
  if (!/(?:^|\n)end\n$/.test(text)) return undefined
  const refs: PushedRef[] = []
  const objects: string[] = []
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.split(' ')
    if (word === 'objects') objects.unshift(rest.join(' '))
    if (word === 'alternates') objects.push(...rest.join(' ').split(':'))
    const [old, next, ...name] = rest
    if (word === 'ref' && old !== undefined && next !== undefined) {
      refs.push({ name: name.join(' '), old, new: next })
    }
  }
  return { refs, objects: objects.filter((folder) => folder !== '') }
}

/** The pushed ref that deploys: `main` before `master`; none for other branches and deletions. */
export function deployedRef(refs: readonly PushedRef[]): PushedRef | undefined {
  return DEPLOY_BRANCHES.flatMap((branch) =>
    refs.filter((ref) => ref.name === `refs/heads/${branch}` && !/^0+$/.test(ref.new)),
  )[0]
}

const DEPLOY_BRANCHES = ['main', 'master']
