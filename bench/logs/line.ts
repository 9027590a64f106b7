/** What every dyno of the bench prints: 120 bytes. */
export const line = `${'at=info method=GET path="/" status=200 '.padEnd(119, 'x')}\n`
