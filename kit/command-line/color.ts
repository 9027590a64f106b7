import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Styles text for a terminal; plain where standard output is none or `NO_COLOR` is set. */
const styled =
  (style: Style) =>
  (text: string): string =>
    styleText(style, text, { stream: process.stdout })

export const bold = styled('bold')
export const dim = styled('dim')
export const green = styled('green')
export const red = styled('red')
export const yellow = styled('yellow')
