import type { ChildProcess } from 'node:child_process'

export type ChildExit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>

/** How a child process ends. @throws what kept it from starting */
export const childExit = (child: ChildProcess): Promise<ChildExit> => ending(child, 'exit')

/** The same, once its output is read to the end as well. */
export const childClose = (child: ChildProcess): Promise<ChildExit> => ending(child, 'close')

const ending = (child: ChildProcess, event: 'exit' | 'close'): Promise<ChildExit> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once(event, (code: number | null, signal: NodeJS.Signals | null) =>
      resolve({ code, signal }),
    )
  })
