/** Why a Python process did not answer. */
export type FailureKind =
  /** It could not be started, or ended before it was ready. */
  | 'start'
  /** It ended, or its connection broke, before the answer was complete. */
  | 'ended'
  /** It took longer than it may; it is ended and starts again. */
  | 'slow'
  /** More requests wait than may wait. */
  | 'busy'
  /** The answer is larger than it may be. */
  | 'large'

/** A Python process did not do what it was asked; callers turn it into one of their failures. */
export class PythonFailure extends Error {
  override readonly name = 'PythonFailure'
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
