/** Names of Heroku's buildpack registry that people use, and the repository behind each. */
const REPOSITORIES: Readonly<Record<string, string>> = {
  'heroku/ruby': 'heroku/heroku-buildpack-ruby',
  'heroku/jvm': 'heroku/heroku-buildpack-jvm-common',
  'heroku/clojure': 'heroku/heroku-buildpack-clojure',
  'heroku/php': 'heroku/heroku-buildpack-php',
  'heroku/dotnet': 'heroku/heroku-buildpack-dotnet',
  'heroku/pgbouncer': 'heroku/heroku-buildpack-pgbouncer',
  'heroku-community/awscli': 'heroku/heroku-buildpack-awscli',
  'heroku-community/chrome-for-testing': 'heroku/heroku-buildpack-chrome-for-testing',
  'heroku-community/cli': 'heroku/heroku-buildpack-cli',
  'heroku-community/inline': 'kr/heroku-buildpack-inline',
  'heroku-community/multi': 'heroku/heroku-buildpack-multi',
  'heroku-community/multi-procfile': 'heroku/heroku-buildpack-multi-procfile',
  'heroku-community/nginx': 'heroku/heroku-buildpack-nginx',
  'hashnuke/elixir': 'HashNuke/heroku-buildpack-elixir',
  'jontewks/puppeteer': 'jontewks/puppeteer-heroku-buildpack',
  'lstoll/monorepo': 'lstoll/heroku-buildpack-monorepo',
}

/** The address of a registry's name; undefined for one that is not known. */
export function registryAddress(name: string): string | undefined {
  const known = name.toLowerCase()
  if (!Object.hasOwn(REPOSITORIES, known)) return undefined
  return `https://github.com/${REPOSITORIES[known]}`
}
