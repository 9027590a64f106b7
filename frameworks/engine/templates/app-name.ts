import { problem } from '../problems.ts'

/**
 * The app an engine learns from: its own parameter, else `PIO_EVENTSERVER_APP_NAME`, as on Heroku.
 *
 * @throws Problem `params_invalid`
 */
export function appNameOf(
  params: Readonly<{ appName?: string | undefined }>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const name = params.appName || env['PIO_EVENTSERVER_APP_NAME']
  if (name) return name
  throw problem('params_invalid', 'The data source does not know which app to read.', {
    hint: 'Set appName in the datasource params of engine.json, or PIO_EVENTSERVER_APP_NAME.',
  })
}
