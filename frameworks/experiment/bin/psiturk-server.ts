import { main } from '../cli/main.ts'

const [option] = process.argv.slice(2)
const isVersion = option === '-v' || option === '--version'
process.exitCode = await main(isVersion ? ['--version'] : ['serve'], process.env)
