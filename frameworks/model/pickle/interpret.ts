import { problem } from '../problems.ts'
import type { Pickled } from '../pickled.ts'
import type { Machine } from './machine.ts'
import { OPCODES, REFUSED } from './opcodes.ts'

/**
 * Runs a machine's opcodes to STOP and gives the value that is left.
 *
 * @throws Problem `pickle_invalid` for an opcode that is unknown or refused
 */
export function interpret(machine: Machine): Pickled {
  while (machine.result === undefined) {
    const byte = machine.cursor.u8()
    const opcode = OPCODES[byte]
    if (opcode === undefined) throw unknownOpcode(byte, machine.cursor.at - 1)
    opcode.run(machine)
  }
  return machine.result.value
}

function unknownOpcode(byte: number, at: number): Error {
  const name = REFUSED[byte]
  if (name === undefined) {
    return problem('pickle_invalid', `This is not a pickle: byte ${at} is ${byte}.`, {
      hint: 'pipeline.pickle must be written by pickle.dump or joblib.dump.',
    })
  }
  return problem('pickle_invalid', `The pickle uses ${name}, which is not supported.`, {
    hint: 'Save the model with protocol 2 or newer and without out-of-band buffers.',
  })
}
