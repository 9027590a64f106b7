import { portOf } from '@hokku/kit/port-of'
import { createQueryServer } from '../../frameworks/engine/query-server/server.ts'
import { makeDeployment } from './made-up-model.ts'

// A query server with a made-up model of 100,000 items, in its own process; prints its port.
let seed = 1
const app = createQueryServer({
  deployment: makeDeployment(seed),
  reload: async () => makeDeployment(++seed),
  stop: () => process.exit(0),
  serverKey: undefined,
  plugins: [],
  feedback: undefined,
  address: 'bench',
  onError: (_deployment, message) => console.error(message),
})
await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.(portOf(app.server))
