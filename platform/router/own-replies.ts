import type { RoutedApp } from './contract.ts'
import { H_CODES, type HCode } from './h-codes.ts'
import {
  badRequestPage,
  failurePage,
  framedPage,
  pageUrl,
  planeAwayPage,
  unknownHostPage,
} from './pages.ts'
import type { Reply } from './replies.ts'
import type { RefusedRequest } from './request-head.ts'

/** What visitors of an app see for a code: the app's own page where it has one for that. */
export function failureReply(app: RoutedApp, code: HCode, requestId: string): Reply {
  const { status } = H_CODES[code]
  const own = code === 'H80' ? app.maintenancePageUrl : code === 'H81' ? null : app.errorPageUrl
  const url = pageUrl(own)
  return { status, body: url === null ? failurePage(code, requestId) : framedPage(url) }
}

export const unknownHostReply = (host: string): Reply => ({
  status: 404,
  body: unknownHostPage(host),
})

export const refusalReply = ({ status, reason }: RefusedRequest): Reply => ({
  status,
  body: badRequestPage(reason),
})

/** For API clients in the API's own form, for browsers as a page. */
export const planeAwayReply = (accept: string | undefined): Reply =>
  accept?.includes('text/html') === true
    ? { status: 503, body: planeAwayPage() }
    : {
        status: 503,
        type: 'application/json; charset=utf-8',
        body: JSON.stringify({
          id: 'maintenance',
          message:
            'The control plane is not running. Apps keep running.\n' +
            'Try again in a moment. If this error stays, run: hokku status',
        }),
      }
