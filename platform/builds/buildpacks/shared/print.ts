/** Lines of a buildpack; the build indents what is below a step. */
export const step = (text: string): void => console.log(`-----> ${text}`)
export const say = (text: string): void => console.log(`       ${text}`)
export const warn = (text: string): void => {
  for (const line of text.split('\n')) console.log(` !     ${line}`)
}
