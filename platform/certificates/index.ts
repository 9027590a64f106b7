export { openAuthority, type AuthorityEffects } from './authority.ts'
export type { Authority, Certificate } from './contract.ts'
