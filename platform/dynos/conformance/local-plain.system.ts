import { localSubject } from './local.ts'
import { describeEngine } from './suite.ts'

/** As the user who runs the tests; `local-unprivileged.system.ts` runs this as a user without rights. */
const who = process.getuid?.() === 0 ? 'as root' : 'without root'
describeEngine(`local, plain, ${who}`, async () => await localSubject(true))
