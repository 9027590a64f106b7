/** The settings of these names; if any is missing, says which and how to set them, and exits. */
export function required<Name extends string>(names: readonly Name[]): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => !process.env[name])
  for (const name of missing) {
    console.error(`${name} is missing: set it with heroku config:set ${name}=…`)
  }
  if (missing.length > 0) process.exit(1)
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? ''])) as Record<Name, string>
}
