/** How many queries were answered since the start, and how fast; failures do not count. */
export class ServingStats {
  readonly startedAt: Date
  requestCount = 0
  lastServingSec = 0
  avgServingSec = 0

  constructor(startedAt: Date) {
    this.startedAt = startedAt
  }

  count(servingSec: number): void {
    this.lastServingSec = servingSec
    this.avgServingSec =
      (this.avgServingSec * this.requestCount + servingSec) / (this.requestCount + 1)
    this.requestCount += 1
  }
}
