export const daysFrom = (date: Date, days: number): Date =>
  new Date(date.getTime() + days * 86_400_000)

/** NIST P-256: what every client of the last ten years verifies, in a third of a millisecond. */
export const CURVE = 'prime256v1'

/** Clocks of laptops and servers differ. */
export const BACKDATED_DAYS = 1

export const ROOT_DAYS = 3650

/** Below the 398 days above which browsers distrust a certificate. */
export const LEAF_DAYS = 390
