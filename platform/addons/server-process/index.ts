export { systemAccount, type Account } from './account.ts'
export { choosePort } from './port.ts'
export { createServerProcess, type Launch, type ServerProcess } from './server-process.ts'
