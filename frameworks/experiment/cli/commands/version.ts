import { defineCommand } from '@hokku/kit/command-line'
import { ownVersion } from '../../version.ts'

/** The version of psiTurk whose behavior this is, which scripts and studies ask for. */
export const PSITURK_VERSION = '3.3.1'

export const versionLine = (): string =>
  `psiTurk version ${PSITURK_VERSION} (hokku ${ownVersion()})`

export const command = defineCommand({
  summary: 'Prints the version of psiTurk that this program behaves as.',
  run: async () => {
    console.log(versionLine())
    return 0
  },
})
