import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { html } from '@hokku/kit/html'
import * as z from 'zod'
import { isSame } from '../custom/custom-routes.ts'
import { addFlash } from '../custom/flash.ts'
import { isMode, type Mode } from '../mturk/mode.ts'
import { firstOf } from '../participants/identity.ts'
import { problem } from '../problems.ts'
import { sendJson } from '../http/answers.ts'
import type { Route } from '../http/routes.ts'
import type { StudyServer } from '../http/study-server.ts'
import { layout, sendPage } from './layout.ts'
import {
  createGuard,
  giveCookie,
  readVisitor,
  requireOwnSite,
  safeNext,
  takeCookie,
  toLogin,
} from './login.ts'

/** Logging in and out, and the visitor's own mode. */
export function loginRoutes(server: StudyServer, key: string): Route[] {
  const guard = createGuard()
  const show = (reply: FastifyReply, next: string | undefined, message = ''): FastifyReply =>
    sendPage(reply, loginPage(server, safeNext(next), message))
  return [
    {
      method: 'GET',
      path: '/dashboard/login',
      handler: (request, reply) => show(reply, firstOf(request.query)['next']),
    },
    {
      method: 'POST',
      path: '/dashboard/login',
      handler: (request, reply) => {
        requireOwnSite(request)
        const { username = '', password = '', next } = firstOf(request.body)
        if (guard.isBlocked(request.ip))
          return show(reply.code(429), next, 'Too many attempts. Wait a quarter of an hour.')
        if (!isUser(server, username, password)) {
          guard.noteFailure(request.ip)
          return show(reply, next, 'Incorrect username or password')
        }
        const visitor = { user: username, mode: firstMode(server) }
        giveCookie(reply, visitor, { key, isSecure: isSecure(request) })
        addFlash(request, reply, 'Logged in successfully.')
        return reply.redirect(safeNext(next), 303)
      },
    },
    {
      method: 'GET',
      path: '/dashboard/logout',
      handler: (_, reply) => {
        takeCookie(reply)
        return reply.redirect('/dashboard/login', 303)
      },
    },
    {
      method: 'POST',
      path: '/dashboard/mode',
      handler: (request, reply) => {
        const visitor = readVisitor(request, key)
        if (visitor === undefined) return toLogin(request, reply)
        requireOwnSite(request)
        const mode = readMode(request.body)
        giveCookie(reply, { user: visitor.user, mode }, { key, isSecure: isSecure(request) })
        return sendJson(reply, { mode })
      },
    },
  ]
}

const loginPage = (server: StudyServer, next: string, message: string): string =>
  layout(server, undefined, {
    title: 'Log in',
    body: html`${message === '' ? null : html`<p class="flash" role="alert">${message}</p>`}
      <form class="panel" method="post" action="/dashboard/login">
        <input type="hidden" name="next" value="${next}" />
        <label>Name <input name="username" autocomplete="username" required autofocus /></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
        <button class="primary">Log in</button>
      </form>`,
  })

function isUser(server: StudyServer, username: string, password: string): boolean {
  const { login_username, login_pw } = server.study.settings.server
  // Both are compared regardless of what the first says, so that timing reveals nothing.
  const [isName, isPassword] = [isSame(username, login_username), isSame(password, login_pw)]
  return isName && isPassword
}

function firstMode(server: StudyServer): Mode {
  const { launch_in_mode } = server.study.settings.shell
  return isMode(launch_in_mode) ? launch_in_mode : 'sandbox'
}

const isSecure = (request: FastifyRequest): boolean =>
  request.headers['x-forwarded-proto'] === 'https' || request.protocol === 'https'

const ModeChange = z.object({ mode: z.enum(['sandbox', 'live']) })

function readMode(body: unknown): Mode {
  try {
    return ModeChange.parse(typeof body === 'string' ? JSON.parse(body) : body).mode
  } catch (error) {
    throw problem('argument_invalid', 'The mode is sandbox or live.', { cause: error })
  }
}
