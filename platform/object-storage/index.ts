export { corsXml, DEFAULT_CORS } from './cors.ts'
export { childrenOf, escapeText, parseXml, textOf, writeXml, type Element } from './xml.ts'
