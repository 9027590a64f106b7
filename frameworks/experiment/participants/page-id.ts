/**
 * An id as pages get it. Templates put ids into HTML, scripts and addresses at once; what one of
 * these reads differently is written so that all three leave it alone.
 *
 * @returns the id itself where it is safe everywhere, as those of marketplaces are
 */
export const pageId = (id: string): string =>
  isSafe(id) ? id : `~${Buffer.from(id).toString('base64url')}~`

/** The id that `pageId` was given; any other text stays as it is. */
export function plainId(text: string): string {
  const encoded = /^~([\w-]+)~$/.exec(text)?.[1]
  if (encoded === undefined) return text
  const id = Buffer.from(encoded, 'base64url').toString()
  return pageId(id) === text ? id : text
}

/** No letter that HTML, JavaScript strings or queries of addresses treat in their own way. */
const isSafe = (id: string): boolean =>
  // oxlint-disable-next-line no-control-regex -- control characters are not safe
  !/[<>&'"`\\#+%?\u0000-\u001F\u007F\u2028\u2029]/.test(id)
