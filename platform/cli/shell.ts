/** Text as one word of a POSIX shell; any text is safe. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
