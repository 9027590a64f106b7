export { createApi } from './api.ts'
export type { Plane, PlaneConfig } from './plane.ts'
