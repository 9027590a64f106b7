export { loadFolder, type Bundle } from './bundle/load-folder.ts'
export { scoreAll, scoreEach, type Model, type Outcome, type Score } from './bundle/model.ts'
export type { Observation } from './frames/build-frame.ts'
