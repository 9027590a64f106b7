import { setTimeout } from 'node:timers/promises'
import { Readable } from 'node:stream'
import type { FastifyReply } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem } from '../store/index.ts'
import { addressOf } from './address.ts'
import type { Routes } from './api.ts'
import { tokenOf } from './authenticate.ts'
import { bodyOf } from './body.ts'
import { LOGIN_MS, type CliLogins } from './cli-logins.ts'

/**
 * `heroku login` by browser: the CLI begins a login, opens its page and waits for the outcome.
 *
 * @param pagePath where the browser finds the page that confirms a login, without the id
 */
export const loginRoutes =
  (logins: CliLogins, pagePath: string): Routes =>
  (api) => {
    const closing = new AbortController()
    api.addHook('preClose', async () => closing.abort())

    api.post('/auth', { config: { public: true, body: NewLogin } }, (request, reply) => {
      const { description } = bodyOf(request, NewLogin)
      const { id, secret } = logins.begin(description, addressOf(request))
      return reply.code(201).send({
        browser_url: `${pagePath}/${id}`,
        cli_url: `/auth/${id}`,
        token: secret,
      })
    })
    api.get('/auth/:id', { config: { public: true } }, (request, reply) => {
      const id = pathParam(request, 'id')
      const login = logins.held(id, tokenOf(request.headers.authorization) ?? '')
      if (login === undefined) throw problem('not_found', `Couldn't find that login.`)
      const outcome = async (): Promise<string> => {
        await login.settled.promise
        return JSON.stringify(login.outcome)
      }
      const end = AbortSignal.any([closed(reply), closing.signal])
      const body = blanksUntil(outcome(), end)
      return reply.type('application/json').send(Readable.from(body, { objectMode: false }))
    })
  }

const NewLogin = z.strictObject({ description: z.string().max(200).default('Heroku CLI login') })

function closed(reply: FastifyReply): AbortSignal {
  const closing = new AbortController()
  reply.raw.once('close', () => closing.abort())
  return closing.signal
}

/** Blanks before the JSON keep the CLI from giving up, which it does after a minute of silence. */
async function* blanksUntil(outcome: Promise<string>, signal: AbortSignal): AsyncGenerator<string> {
  const end = Date.now() + LOGIN_MS
  while (!signal.aborted && Date.now() < end) {
    yield ' '
    const pause = setTimeout(BLANK_MS, undefined, { signal, ref: false }).catch(() => undefined)
    const answer = await Promise.race([outcome, pause])
    if (answer !== undefined) return yield answer
  }
  yield JSON.stringify({ error: 'The login was not confirmed. Please try again.' })
}

const BLANK_MS = 10_000
