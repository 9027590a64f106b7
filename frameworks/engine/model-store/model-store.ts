/** Where trained models are kept, whole or not at all: a save that is cut short leaves the old one. */
export type ModelStore = Readonly<{
  save: (id: string, model: Uint8Array) => Promise<void>
  load: (id: string) => Promise<Uint8Array | undefined>
  delete: (id: string) => Promise<void>
  close: () => Promise<void>
}>
