import { html, type Html } from '@hokku/kit/html'
import type { AppSummary } from '../app-view.ts'

/** How an app is, in a word or two and a color. */
export function stateLabel({ state, dynos }: Pick<AppSummary, 'state' | 'dynos'>): Html {
  const namesOf = (wanted: string): string[] =>
    dynos.filter((dyno) => dyno.state === wanted).map(({ name }) => name)
  const [up, starting, crashed] = [namesOf('up'), namesOf('starting'), namesOf('crashed')]
  if (state === 'blank') return label('off', 'new')
  if (crashed.length > 0) return label('crashed', `${crashed.join(', ')} crashed`)
  if (state === 'asleep') return label('idle', 'asleep')
  if (starting.length > 0) return label('starting', `${starting.join(', ')} starting`)
  if (up.length === 0) return label('off', 'stopped')
  return label('up', up.length === 1 ? '1 dyno up' : `${up.length} dynos up`)
}

/** A colored dot and a word: the word alone must do for those who cannot tell the colors. */
export const label = (kind: string, text: string): Html =>
  html`<span class="state ${kind}">${text}</span>`
