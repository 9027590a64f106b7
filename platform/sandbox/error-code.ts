/** The system's code of an error, e.g. `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | undefined)?.code
