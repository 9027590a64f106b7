import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/**
 * A custom domain as it is kept: lower case, punycode, no final dot; `*.example.com` stands for all
 * names below. Or what is wrong with it, as the end of a sentence that starts with the name.
 *
 * @param platformDomain domain below which every app has its own name
 */
export function parseHostname(
  text: string,
  platformDomain: string,
): { hostname: string } | { wrong: string } {
  const wildcard = text.startsWith('*.')
  const plain = (wildcard ? text.slice(2) : text).replace(/\.$/, '')
  // Anything else would be read as the rest of a URL, and cut off.
  const name = /^[\p{L}\p{M}\p{N}.-]+$/u.test(plain) ? domainToASCII(plain).toLowerCase() : ''
  const own = platformDomain.toLowerCase()
  if (name === own || name.endsWith(`.${own}`) || (wildcard && own.endsWith(`.${name}`))) {
    return { wrong: 'belongs to this platform: apps have their names there already.' }
  }
  if (isIP(text) !== 0) return { wrong: 'is an address; a domain is a name.' }
  if (!HOSTNAME.test(name) || name.length > HOSTNAME_LENGTH_MAX || isIP(name) !== 0) {
    return { wrong: 'is not a valid host name, e.g. www.example.com or *.example.com.' }
  }
  return { hostname: wildcard ? `*.${name}` : name }
}

/** Two labels or more of letters, digits and inner hyphens (RFC 1123), the last not a number. */
const HOSTNAME =
  /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?!\d+$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/
const HOSTNAME_LENGTH_MAX = 253
