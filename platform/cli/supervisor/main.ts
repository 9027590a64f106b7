import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { homeAt } from '../../store/index.ts'
import { runSupervisor } from './supervisor.ts'

/** The supervisor of one platform: `node main.ts <home> <port> <domain> <bind>`, see `hokku up`. */
const [root = '', port = '', domain = '', bind = ''] = process.argv.slice(2)
if (process.env['HOKKU_ANNOUNCE'] === '1') {
  spawn(process.execPath, [join(import.meta.dirname, '../announce.ts'), root], { stdio: 'inherit' })
}
await runSupervisor(homeAt(root), { port: Number(port), domain, bind }, process.env)
process.exit(0)
