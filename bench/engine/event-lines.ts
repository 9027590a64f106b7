/** The JSON of a made-up event: ratings of 1,000 users and 777 items, 190 bytes each. */
export const eventJson = (n: number): string =>
  JSON.stringify({
    event: 'rate',
    entityType: 'user',
    entityId: `u${n % 1000}`,
    targetEntityType: 'item',
    targetEntityId: `i${n % 777}`,
    properties: { rating: n % 5 },
    eventTime: '2014-11-02T09:39:45.618-08:00',
  })
