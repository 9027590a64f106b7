import { enableUserCode } from './user-code.ts'

// For node --import: lets an engine's own tests import @hokku/engine.
enableUserCode(process.cwd())
