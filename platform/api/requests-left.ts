/** Nothing counts requests: clients that wait for room never need to. */
export const REQUESTS_LEFT = 4500
