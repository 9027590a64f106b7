import bowser from 'bowser'

/**
 * Whether the study's `browser_exclude_rule` keeps this browser out.
 *
 * @param rule trimmed, non-empty items: a kind of device (`mobile`, `tablet`, `touchcapable`, `pc`,
 * `bot`), `Safari` for Safari itself, or any part of the User-Agent, where case counts
 */
export function isBrowserExcluded(rule: readonly string[], userAgent: string): boolean {
  return rule.some((item) => {
    if (item.toLowerCase() === 'safari')
      return /Safari/.test(userAgent) && !/Chrome/.test(userAgent)
    // Internet Explorer 11 no longer calls itself so.
    if (item === 'MSIE' && userAgent.includes('Trident/')) return true
    return DEVICES[item]?.(userAgent) ?? userAgent.includes(item)
  })
}

/** Participants mostly have one of a few browsers: what one is was found out before. */
const kinds = new Map<string, string | undefined>()
const KINDS_MAX = 200

function kindOf(userAgent: string): string | undefined {
  if (userAgent === '' || kinds.has(userAgent)) return kinds.get(userAgent)
  if (kinds.size >= KINDS_MAX) kinds.clear()
  const kind = bowser.parse(userAgent).platform.type
  kinds.set(userAgent, kind)
  return kind
}

const isBot = (userAgent: string): boolean =>
  kindOf(userAgent) === 'bot' || /bot\b|crawl|spider|slurp/i.test(userAgent)

const DEVICES: Readonly<Record<string, (userAgent: string) => boolean>> = {
  mobile: (userAgent) => kindOf(userAgent) === 'mobile',
  tablet: (userAgent) => kindOf(userAgent) === 'tablet',
  touchcapable: (userAgent) =>
    ['mobile', 'tablet'].includes(kindOf(userAgent) ?? '') || /Windows.*Touch/.test(userAgent),
  pc: (userAgent) => kindOf(userAgent) === 'desktop' && !isBot(userAgent),
  bot: isBot,
}

/** Short lower-case names as the original stores them, e.g. `chrome` and `windows`. */
export function describeBrowser(userAgent: string): { browser: string; platform: string } {
  const first = (names: readonly (readonly [string, RegExp])[]): string =>
    names.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? 'UNKNOWN'
  return { browser: first(BROWSERS), platform: first(PLATFORMS) }
}

/** In this order: Chrome calls itself Safari too, Edge calls itself Chrome, and so on. */
const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['google', /googlebot/i],
  ['bing', /bingbot/i],
  ['yahoo', /yahoo/i],
  ['opera', /opera|opr\//i],
  ['edge', /\bedg(e|a|ios)?\//i],
  ['chrome', /chrome|crios/i],
  ['seamonkey', /seamonkey/i],
  ['firefox', /firefox|fxios|iceweasel/i],
  ['safari', /safari|version/i],
  ['webkit', /webkit/i],
  ['konqueror', /konqueror/i],
  ['msie', /msie|trident\/.+? rv:/i],
  ['lynx', /lynx/i],
  ['mozilla', /mozilla/i],
]

const PLATFORMS: readonly (readonly [string, RegExp])[] = [
  ['chromeos', /\bcros\b/i],
  ['iphone', /iphone|\bios\b/i],
  ['ipad', /ipad/i],
  ['macos', /darwin|\bmac\b|os\s*x|macintosh/i],
  ['windows', /\bwin|windows/i],
  ['android', /android/i],
  ['netbsd', /netbsd/i],
  ['openbsd', /openbsd/i],
  ['freebsd', /freebsd/i],
  ['linux', /x11|linux/i],
]

/** The language a browser likes best, e.g. `en-US`; `UNKNOWN` if it does not say. */
export function preferredLanguage(acceptLanguage: string | undefined): string {
  const wishes = (acceptLanguage ?? '')
    .split(',')
    .map((part) => /^\s*([\w-]+|\*)\s*(?:;\s*q=([\d.]+))?\s*$/.exec(part))
    .filter((match) => match !== null)
    .map((match) => ({ language: match[1] ?? '', weight: Number(match[2] ?? '1') }))
    .toSorted((a, b) => b.weight - a.weight)
  return wishes[0]?.language.slice(0, LANGUAGE_LENGTH_MAX) ?? 'UNKNOWN'
}

const LANGUAGE_LENGTH_MAX = 64
