import * as z from 'zod'
import { problem } from '../problems.ts'
import type { TrainingContext } from '../dase/context.ts'
import type { Selection } from '../dase/app-events.ts'

/** The parameters by which a data source names its app; the first versions of PredictionIO had ids. */
export const AppParams = {
  appName: z.string().optional(),
  appId: z.int().min(1).optional(),
}

/**
 * The app an engine learns from: its own parameter, else `PIO_EVENTSERVER_APP_NAME`, as on Heroku.
 *
 * @throws Problem `params_invalid`
 */
export function appOf(
  params: Readonly<{ appName?: string | undefined; appId?: number | undefined }>,
  { env }: Pick<TrainingContext, 'env'>,
): Selection {
  const name = params.appName || env['PIO_EVENTSERVER_APP_NAME']
  if (name) return { appName: name }
  if (params.appId !== undefined) return { appId: params.appId }
  throw problem('params_invalid', 'The data source does not know which app to read.', {
    hint: 'Set appName in the datasource params of engine.json, or PIO_EVENTSERVER_APP_NAME.',
  })
}
