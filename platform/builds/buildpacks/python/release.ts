import { webOfApp } from './web-of-app.ts'

/** `bin/release` of the Python buildpack. */
const web = webOfApp(process.argv[2] ?? '.')
const processTypes = web === undefined ? {} : { web: web.command }
// JSON is YAML, and quotes what needs it.
console.log(JSON.stringify({ default_process_types: processTypes }))
