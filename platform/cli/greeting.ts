import { bold, dim, yellow } from '@hokku/kit/command-line'
import type { Home } from '../store/index.ts'
import { apiUrl, findInstallation } from './installation.ts'
import { askPlane } from './plane-client.ts'

/** Says where things are, and the next three commands to type. */
export async function greet(home: Home): Promise<void> {
  const installation = findInstallation(home)
  if (installation === undefined) return
  const { notices } = await askPlane<{ notices: string[] }>(home, 'GET', '/hokku/health')
  const url = apiUrl(installation.address)
  console.log(`
${bold('hokku is up.')}  Dashboard: ${url}/dashboard  ${dim('(sign in with: hokku token)')}
`)
  for (const notice of notices) console.log(`${yellow('▸')} ${notice}\n`)
  console.log(`In another shell:

  eval "$(npx hokku env)"
  heroku create my-app
  git push heroku main
`)
}
