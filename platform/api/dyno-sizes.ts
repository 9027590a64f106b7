import { pathParam } from '@hokku/kit/request-params'
import { DYNO_SIZES, findSize, type DynoSize } from '../dynos/index.ts'
import { problem } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { GENERATION_ID } from './app-shape.ts'
import { sendList } from './range.ts'

/** @see https://devcenter.heroku.com/articles/platform-api-reference#dyno-size */
export const dynoSizeRoutes: Routes = (api, { store }) => {
  api.get('/dyno-sizes', (request, reply) => sendList(request, reply, DYNO_SIZES.map(sizeShape)))
  api.get('/apps/:app/available-dyno-sizes', (request, reply) => {
    appOf(request, store)
    return sendList(request, reply, DYNO_SIZES.map(sizeShape))
  })
  api.get('/dyno-sizes/:size', (request) => {
    const key = pathParam(request, 'size')
    const size = findSize(key) ?? DYNO_SIZES.find(({ id }) => id === key)
    if (size === undefined) throw problem('not_found', `Couldn't find that dyno size.`)
    return sizeShape(size)
  })
}

const sizeShape = ({ id, name, memoryMb, compute, dedicated }: DynoSize) => ({
  id,
  name,
  memory: memoryMb / 1024,
  compute,
  dedicated,
  dyno_units: 0,
  precise_dyno_units: 0,
  cost: null,
  generation: { id: GENERATION_ID, name: 'cedar' },
})
