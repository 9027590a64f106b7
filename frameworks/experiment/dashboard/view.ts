import type { Html } from '@hokku/kit/html'
import type { FastifyRequest } from '@hokku/kit/http'
import type { Visitor } from './login.ts'

/** What a page is made from. */
export type View = Readonly<{
  request: FastifyRequest
  visitor: Visitor
  query: Readonly<Record<string, string>>
}>

/** What stands between the navigation and the end of a page; `place` is its entry there. */
export type PageContent = Readonly<{ title: string; place?: string; body: Html }>
