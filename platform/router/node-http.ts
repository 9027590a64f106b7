/**
 * `node:http` without its ESM façade: that reads every export, and the ones for WebSocket load a
 * second HTTP implementation that the router never uses (14 MB resident, measured).
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')
