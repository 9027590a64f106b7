import { problem } from '../problems.ts'

/** One value of a file, with the line on which it starts, for messages. */
export type IniValue = Readonly<{ text: string; line: number }>

/** Section → option (lower case) → value, in file order. */
export type IniFile = ReadonlyMap<string, ReadonlyMap<string, IniValue>>

/**
 * Reads the dialect of Python's `configparser`: `[Section]` lines (case matters), `name = value` or
 * `name: value` (case of names does not), whole-line comments with `#` or `;`, values continued on
 * indented lines. Quotes and inline comments are part of a value. Values are not interpolated.
 *
 * @param file name for messages
 * @throws Problem `config_invalid` with file and line: duplicate, no section, no separator
 * @see https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
 */
export function parseIni(text: string, file: string): IniFile {
  const reader = new IniReader(file)
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  for (const [index, line] of lines.entries()) reader.read(line, index + 1)
  return reader.finish()
}

class IniReader {
  readonly #file: string
  readonly #sections = new Map<string, Map<string, IniValue>>()
  #section: Map<string, IniValue> | undefined
  #open: { name: string; lines: string[]; line: number; indent: number } | undefined

  constructor(file: string) {
    this.#file = file
  }

  read(line: string, number: number): void {
    const content = line.trim()
    if (/^[#;]/.test(content)) return
    if (content === '') {
      this.#open?.lines.push('')
      return
    }
    const indent = line.length - line.trimStart().length
    if (this.#open !== undefined && indent > this.#open.indent) {
      this.#open.lines.push(content)
      return
    }
    this.#close()
    const header = /^\[(.+)\]/.exec(content)?.[1]
    if (header === undefined) this.#startOption(content, number, indent)
    else this.#startSection(header, number)
  }

  finish(): IniFile {
    this.#close()
    return this.#sections
  }

  #startSection(name: string, line: number): void {
    if (this.#sections.has(name)) throw this.#refuse(line, `section [${name}] is there twice`)
    this.#section = new Map()
    this.#sections.set(name, this.#section)
  }

  #startOption(content: string, line: number, indent: number): void {
    if (this.#section === undefined) {
      throw this.#refuse(line, `"${shorten(content)}" stands before the first [Section]`)
    }
    const parts = /^(.*?)\s*[=:]\s*(.*)$/.exec(content)
    const name = parts?.[1]?.toLowerCase()
    if (name === undefined || name === '') {
      throw this.#refuse(line, `"${shorten(content)}" is not of the form name = value`)
    }
    if (this.#section.has(name)) throw this.#refuse(line, `option ${name} is there twice`)
    this.#open = { name, lines: [parts?.[2] ?? ''], line, indent }
    this.#section.set(name, { text: '', line })
  }

  #close(): void {
    if (this.#open === undefined) return
    const { name, lines, line } = this.#open
    this.#section?.set(name, { text: lines.join('\n').trimEnd(), line })
    this.#open = undefined
  }

  #refuse(line: number, what: string): Error {
    return problem('config_invalid', `${this.#file}, line ${line}: ${what}.`, {
      hint: 'Comment lines start with # or ;, continued values are indented.',
      details: { file: this.#file, line },
    })
  }
}

const MESSAGE_TEXT_MAX = 60

const shorten = (text: string): string =>
  text.length > MESSAGE_TEXT_MAX ? `${text.slice(0, MESSAGE_TEXT_MAX)}…` : text
