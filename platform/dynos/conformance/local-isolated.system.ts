import { after } from 'node:test'
import { test } from 'node:test'
import { localSubject } from './local.ts'
import { describeEngine } from './suite.ts'

const subject = await localSubject(false)
const engine = await subject.open()
engine.close()
if (engine.can.isolation) describeEngine('local, isolated', async () => subject)
else {
  const [node] = await engine.nodes()
  after(async () => await subject.remove())
  test(`local engine, isolated: ${node?.notices[0]}`, { skip: 'not on this machine' })
}
