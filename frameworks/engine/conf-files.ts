import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file of `PIO_CONF_DIR`, e.g. the rendered `spark-defaults.conf`; '' if there is none. */
export async function readConfFile(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): Promise<string> {
  const directory = env['PIO_CONF_DIR']
  if (!directory) return ''
  return readFile(join(directory, name), 'utf8').catch(() => '')
}

/** The settings of a `spark-defaults.conf`: a name, blanks or =, a value. */
export function parseSparkDefaults(text: string): Record<string, string> {
  const settings = text
    .split('\n')
    .flatMap((line) => /^\s*([\w.]+)(?:\s*=\s*|\s+)(\S.*?)\s*$/.exec(line)?.slice(1, 3) ?? [])
  return Object.fromEntries(
    settings.flatMap((name, at) => (at % 2 === 0 ? [[name, settings[at + 1] ?? '']] : [])),
  )
}

/** A property of a `core-site.xml`, e.g. `fs.s3a.endpoint`. */
export function coreSiteProperty(xml: string, name: string): string | undefined {
  const property = [...xml.matchAll(/<property>([^]*?)<\/property>/g)]
    .map(([, content = '']) => content)
    .find((content) => /<name>\s*(.*?)\s*<\/name>/.exec(content)?.[1] === name)
  return /<value>\s*(.*?)\s*<\/value>/.exec(property ?? '')?.[1] || undefined
}
