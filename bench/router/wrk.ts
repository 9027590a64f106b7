import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export type Load = Readonly<{
  requests: number
  perSecond: number
  p50: string
  p99: string
  /** Answers that were not success, and connections that broke. */
  failed: number
}>

/** Loads a URL from 32 kept connections for so many seconds. */
export async function wrk(url: string, seconds: number, connections = 32): Promise<Load> {
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency']
  const child = spawn('wrk', [...options, '-H', 'Host: demo.localhost', url])
  const output = await text(child.stdout)
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0)
  const errors = /connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? []
  return {
    requests: number(/(\d+) requests in/),
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50: /50%\s+(\S+)/.exec(output)?.[1] ?? '',
    p99: /99%\s+(\S+)/.exec(output)?.[1] ?? '',
    failed:
      number(/Non-2xx or 3xx responses: (\d+)/) +
      errors.slice(1).reduce((sum, count) => sum + Number(count), 0),
  }
}
