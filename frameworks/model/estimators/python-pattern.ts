import { problem } from '../problems.ts'

const WORD = '\\p{L}\\p{N}_'

/**
 * A Python regular expression as ours: `\w` is Unicode's letters and numbers without combining
 * marks, and `\b` follows it.
 *
 * A pattern comes from a file that we do not trust, so repeated groups are refused: without them
 * no pattern can take exponential time.
 *
 * @throws Problem `model_unsupported` for constructs that we do not translate
 */
export function pythonPattern(source: string): RegExp {
  if (source === '(?u)\\b\\w\\w+\\b') return new RegExp(WHOLE_WORDS, 'gu')
  const isUnicode = !source.startsWith('(?a)')
  const body = source.replace(/^\(\?[ua]\)/, '')
  if (body.length > PATTERN_LENGTH_MAX || /\)[*+?{]|\(\?(?!:)|\\[1-9]/.test(body)) {
    throw untranslatable(source)
  }
  const word = isUnicode ? WORD : 'a-zA-Z0-9_'
  const translated = body.replaceAll(/\[(?:\\.|[^\]])*\]|\\./gs, (part) =>
    part.startsWith('[')
      ? part.replaceAll(/\\[wds]/g, (escape) => inClass(escape, word))
      : alone(part, word),
  )
  try {
    return new RegExp(translated, 'gu')
  } catch (error) {
    throw problem(
      'model_unsupported',
      `The token pattern ${source.slice(0, 100)} is not supported.`,
      {
        cause: error,
      },
    )
  }
}

/** The default pattern, without boundaries that a greedy match reaches anyhow: twice as fast. */
const WHOLE_WORDS = `[${WORD}]{2,}`

const PATTERN_LENGTH_MAX = 500

const untranslatable = (source: string): Error =>
  problem('model_unsupported', `The token pattern ${source.slice(0, 100)} is not supported.`)

function alone(escape: string, word: string): string {
  if (escape === '\\w') return `[${word}]`
  if (escape === '\\W') return `[^${word}]`
  if (escape === '\\b') return `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`
  if (escape === '\\B') return `(?:(?<=[${word}])(?=[${word}])|(?<![${word}])(?![${word}]))`
  if (escape === '\\d') return '\\p{Nd}'
  if (escape === '\\D') return '\\P{Nd}'
  if (/^\\[sSnrtfv.\\+*?()[\]{}|^$/-]$/.test(escape)) return escape === '\\-' ? '-' : escape
  // Python lets any other punctuation be escaped, the unicode flag does not.
  return /^\\[^\w]$/.test(escape) ? escape.slice(1) : escape
}

const inClass = (escape: string, word: string): string =>
  escape === '\\w' ? word : escape === '\\d' ? '\\p{Nd}' : escape
