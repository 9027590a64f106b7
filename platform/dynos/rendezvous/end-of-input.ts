/**
 * Finds the end of what a client pipes into a program without a terminal: the CLI then sends one
 * byte 0x04. Piped data may hold that byte themselves, so it counts only when it is the last byte
 * and nothing comes after it for a while.
 */
export class EndOfInput {
  #held = false

  /** @returns what may be passed on now */
  push(chunk: Uint8Array): Uint8Array {
    const data = this.#held ? Buffer.concat([Buffer.of(END), chunk]) : chunk
    this.#held = data.at(-1) === END
    return this.#held ? data.subarray(0, -1) : data
  }

  /** Whether the input has ended, if nothing has come for `END_QUIET_MS`. */
  get mayHaveEnded(): boolean {
    return this.#held
  }
}

const END = 0x04

/** How long to wait for more after a 0x04. */
export const END_QUIET_MS = 250
