import * as z from 'zod'

/**
 * What a layer holds, in the order in which layers are stacked. Runtimes and frameworks belong to
 * the platform and are shared by all apps; dependencies and the rest belong to the app's own user.
 */
const LayerKind = z.enum(['runtime', 'framework', 'dependencies', 'app'])
export type LayerKind = z.infer<typeof LayerKind>

const Layer = z.strictObject({
  kind: LayerKind,
  /** SHA-256 of what is in it: paths, modes, contents. Names the layer on disk. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** SHA-256 of the packed file. */
  checksum: z.string().regex(/^[0-9a-f]{64}$/),
  /** Size of the packed file. */
  bytes: z.int().min(0),
})
export type Layer = z.infer<typeof Layer>

const Manifest = z.strictObject({
  version: z.literal(1),
  /** Name of the folder at which the slug is whole in plain mode. */
  folder: z.string().regex(/^[0-9a-f-]{36}$/),
  layers: z.array(Layer).min(1),
})
export type Manifest = z.infer<typeof Manifest>

export const parseManifest = (json: string): Manifest => Manifest.parse(JSON.parse(json))

/** Whether all apps share one unpacked copy of such a layer. */
export const isShared = (kind: LayerKind): boolean => kind === 'runtime' || kind === 'framework'

export const sizeOf = (layers: readonly Layer[]): number =>
  layers.reduce((sum, layer) => sum + layer.bytes, 0)
