import { isRecord } from '@hokku/kit/record'

/** A part of the path, such as `app` of `/apps/:app`. @throws Error if the route has none of this name */
export function pathParam({ params }: Readonly<{ params: unknown }>, name: string): string {
  const value = isRecord(params) ? params[name] : undefined
  if (typeof value === 'string') return value
  throw new Error(`the route has no parameter ${name}`)
}
