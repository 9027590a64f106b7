import { send } from '@fastify/send'
import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { TOKENS_PATH } from '@hokku/kit/pages'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { firstOf } from '../participants/identity.ts'
import { problem } from '../problems.ts'

const require = createRequire(import.meta.url)

/** Our own files, and the two libraries of the plots. */
const ASSETS: Readonly<Record<string, () => string>> = {
  'tokens.css': () => TOKENS_PATH,
  'dashboard.css': () => join(import.meta.dirname, 'assets/dashboard.css'),
  'dashboard.js': () => join(import.meta.dirname, 'assets/dashboard.js'),
  'plots.js': () => join(import.meta.dirname, 'assets/plots.js'),
  'plot.js': () => join(rootOf('@observablehq/plot', 'plot'), 'dist/plot.umd.min.js'),
  'd3.js': () => join(rootOf('d3', 'd3'), 'dist/d3.min.js'),
}

/** The folder of a package, from whichever of its files it lets be found. */
function rootOf(name: string, folder: string): string {
  let path = dirname(require.resolve(name))
  while (basename(path) !== folder) path = dirname(path)
  return path
}

const AGE_MS = 3_600_000

export async function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const name = firstOf(request.params)['name'] ?? ''
  const path = Object.hasOwn(ASSETS, name) ? ASSETS[name]?.() : undefined
  if (path === undefined) throw problem('page_not_found', 'There is no such file.')
  const sent = await send(request.raw, basename(path), { root: dirname(path), maxAge: AGE_MS })
  return reply.code(sent.statusCode).headers(sent.headers).send(sent.stream)
}
