export { openCatalogue, type Catalogue } from './catalogue.ts'
export type { OnLost } from './database.ts'
export type { ObjectFacts, Segment, StoredObject } from './objects.ts'
export type { Part, Upload, UploadChecksum } from './uploads.ts'
