/** A Java that an app asks for, e.g. 17, and the file that asks. */
export type WantedJava = Readonly<{ version: number; file: string }>

/** Content of a file of the app; undefined if it is not there. */
export type TextOf = (name: string) => string | undefined

/** The highest Java that build files name; `system.properties` wins, as on Heroku. */
export function wantedJava(textOf: TextOf): WantedJava | undefined {
  const named = /^\s*java\.runtime\.version\s*[=:]\s*(\S+)/m.exec(
    textOf('system.properties') ?? '',
  )?.[1]
  const asked = named === undefined ? undefined : major(named)
  if (asked !== undefined) return { version: asked, file: 'system.properties' }
  const found = BUILD_FILES.flatMap(({ file, patterns }) =>
    patterns.flatMap((pattern) =>
      [...(textOf(file) ?? '').matchAll(pattern)].flatMap((match) => {
        const version = major(match[1] ?? '')
        return version === undefined ? [] : [{ version, file }]
      }),
    ),
  )
  return found.toSorted((a, b) => b.version - a.version)[0]
}

const GRADLE = [
  /languageVersion\b[^\n]*?JavaLanguageVersion\.of\(\s*["']?(\d+)/g,
  /JavaVersion\.VERSION_(\d+(?:_\d+)?)/g,
  /(?:source|target)Compatibility\s*=?\s*["']?(\d+(?:\.\d+)?)/g,
  /jvmToolchain\((\d+)\)/g,
]

const BUILD_FILES: readonly Readonly<{ file: string; patterns: readonly RegExp[] }>[] = [
  {
    file: 'pom.xml',
    patterns: [
      /<(?:java\.version|maven\.compiler\.(?:release|source|target))>\s*(\d+(?:\.\d+)?)\s*</g,
      /<(?:release|source|target)>\s*(\d+(?:\.\d+)?)\s*<\/(?:release|source|target)>/g,
    ],
  },
  { file: 'build.gradle', patterns: GRADLE },
  { file: 'build.gradle.kts', patterns: GRADLE },
]

/** `17`, `17.0.2`, `1.8`, `1_8` and `openjdk-17` → 17 or 8. */
export function major(text: string): number | undefined {
  const [, old, version] = /^(?:[a-z]+-)?(1[._])?(\d+)/.exec(text) ?? []
  if (version === undefined) return undefined
  return old === undefined ? Number(version) : Number(version.slice(0, 2))
}
