import { FLUSH, parsePktLines, pktLine, type Packet } from './pkt-line.ts'

/**
 * What an empty repository advertises to a client that wants to push: the branches that deploy, as not yet
 * there. Else git refuses `git push heroku v1^{}:master` on a first push, since it cannot know
 * that `master` should be a branch.
 *
 * @param advertisement what `git receive-pack --advertise-refs` prints
 */
export function nameBranches(advertisement: Uint8Array): Uint8Array {
  const { packets, rest } = parsePktLines(advertisement)
  const named = packets.flatMap((packet): Packet[] => {
    const match = /^(0+) capabilities\^\{\}\0([^]*)$/.exec(text(packet))
    if (match === null) return [packet]
    const [, none = '', capabilities = ''] = match
    return [
      Buffer.from(`${none} refs/heads/main\0${capabilities}`),
      Buffer.from(`${none} refs/heads/master\n`),
    ]
  })
  return Buffer.concat([...named.map(framed), rest])
}

const framed = (packet: Packet): Buffer => (packet === 'flush' ? FLUSH : pktLine(packet))

const text = (packet: Packet): string =>
  packet === 'flush' ? '' : Buffer.from(packet).toString('latin1')
