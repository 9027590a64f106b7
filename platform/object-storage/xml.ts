import { s3Problem } from './problems.ts'

/**
 * The little XML that S3 speaks: elements and text. No attributes are kept, no entities but the
 * five, and no document type, so nothing in a body can make us read or expand anything.
 */

/** What an element holds: text, or elements in order. */
export type Element = Readonly<{ name: string; text: string; children: readonly Element[] }>

/** Values of an answer: arrays repeat their element, `undefined` is left out. */
export type XmlValue = string | number | boolean | undefined | XmlObject | readonly XmlValue[]
export type XmlObject = Readonly<{ [name: string]: XmlValue }>

export function writeXml(root: string, content: XmlObject | string): string {
  const body = typeof content === 'string' ? escapeText(content) : writeChildren(content)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</${root}>`
}

const writeChildren = (content: XmlObject): string =>
  Object.entries(content)
    .map(([name, value]) => writeElement(name, value))
    .join('')

function writeElement(name: string, value: XmlValue): string {
  if (value === undefined) return ''
  if (isList(value)) return value.map((item) => writeElement(name, item)).join('')
  if (typeof value === 'object' && 'xsi:type' in value) {
    const { 'xsi:type': type, ...content } = value
    const attributes = `xmlns:xsi="${XSI}" xsi:type="${escapeText(typeof type === 'string' ? type : '')}"`
    return `<${name} ${attributes}>${writeChildren(content)}</${name}>`
  }
  const inside = typeof value === 'object' ? writeChildren(value) : escapeText(String(value))
  return `<${name}>${inside}</${name}>`
}

/** The one attribute of S3: the type of a grantee. */
const XSI = 'http://www.w3.org/2001/XMLSchema-instance'

const isList = (value: XmlValue): value is readonly XmlValue[] => Array.isArray(value)

/** Control characters that XML 1.0 has no way to write become U+FFFD. */
export const escapeText = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;')

/** @throws Problem `malformed_xml` */
export function parseXml(text: string): Element {
  const open: { name: string; text: string; children: Element[] }[] = [
    { name: '', text: '', children: [] },
  ]
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    if (match.index !== end) throw malformed()
    end += match[0].length
    const [, closing, opening, empty, plain] = match
    const top = open.at(-1)
    if (top === undefined) throw malformed()
    if (plain !== undefined) top.text += unescapeText(plain)
    else if (opening !== undefined) {
      const element = { name: opening, text: '', children: [] }
      top.children.push(element)
      if (empty === '') open.push(element)
      if (open.length > DEPTH_MAX) throw malformed()
    } else if (closing !== undefined && (open.pop()?.name !== closing || open.length === 0)) {
      throw malformed()
    }
  }
  const [document, ...others] = open
  const [root, ...more] = document?.children ?? []
  if (end !== text.length || others.length > 0 || root === undefined || more.length > 0) {
    throw malformed()
  }
  return root
}

/** Closing tag, opening tag (perhaps empty), declaration or comment, text. */
const TOKEN =
  /<\/(?:\w+:)?(\w+)\s*>|<(?:\w+:)?(\w+)(?:\s[^<>]*?)?(\/?)>|<\?[^>]*\?>|<!--[^]*?-->|([^<]+)/g

const DEPTH_MAX = 16

const unescapeText = (text: string): string =>
  text.replaceAll(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w+);?/g, (_, entity: string) => {
    const named = ENTITIES.get(entity)
    if (named !== undefined) return named
    const code = entity.startsWith('#x')
      ? Number.parseInt(entity.slice(2), 16)
      : Number(entity.slice(1))
    if (!entity.startsWith('#') || !(code <= 0x10_ff_ff)) throw malformed()
    return String.fromCodePoint(code)
  })

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

const malformed = () => s3Problem('malformed_xml', 'The body is not the XML that this needs.')

export const childrenOf = (element: Element, name: string): Element[] =>
  element.children.filter((child) => child.name === name)

/** Text of the first child of that name. */
export const textOf = (element: Element, name: string): string | undefined =>
  element.children.find((child) => child.name === name)?.text.trim()
