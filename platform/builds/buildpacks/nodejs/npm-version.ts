import semver from 'semver'

/** The newest npm that runs on a version of Node. */
export function npmFor(version: string): string {
  const table: readonly (readonly [string, string])[] = [
    ['^20.17.0 || >=22.9.0', '11'],
    ['^18.17.0 || >=20.5.0', '10'],
    ['^14.17.0 || ^16.13.0 || >=18.0.0', '9'],
    ['^12.13.0 || ^14.15.0 || >=16.0.0', '8'],
  ]
  return table.find(([range]) => semver.satisfies(version, range))?.[1] ?? '6'
}
