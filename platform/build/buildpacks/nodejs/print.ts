/** Lines of a buildpack; the build indents what is below a step. */
export const step = (text: string): void => console.log(`-----> ${text}`)
export const say = (text: string): void => console.log(`       ${text}`)
export const warn = (text: string): void => console.log(` !     ${text}`)

/** A failure that the app's owner can do something about. */
export class Rejected extends Error {
  override readonly name = 'Rejected'
}
