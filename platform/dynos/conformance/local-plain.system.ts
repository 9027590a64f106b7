import { localSubject } from './local.ts'
import { describeEngine } from './suite.ts'

/** As whoever runs the tests; `local-unprivileged.system.ts` runs this as nobody in particular. */
const who = process.getuid?.() === 0 ? 'as root' : 'without root'
describeEngine(`local, plain, ${who}`, async () => await localSubject(true))
