import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inlineStyle } from '@hokku/kit/pages'

/** The style sheet of our pages, in the page itself. */
export const STYLE = inlineStyle(readFileSync(join(import.meta.dirname, 'model.css'), 'utf8'))
