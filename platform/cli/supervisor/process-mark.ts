export { isAlive, markOf, type ProcessMark } from '@hokku/kit/process-mark'
