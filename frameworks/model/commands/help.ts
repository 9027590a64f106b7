export const HELP = `model-server: a scikit-learn pipeline behind HTTP, without Python

usage:
  model-server [serve] [DIR] [--port N] [--host NAME]   serve the model in DIR (default: this folder)
  model-server inspect [DIR] [--json]                   what is in the model, and whether it is supported
  model-server check [DIR] [--tolerance N]              compare with requests.json and expected.json
  model-server score DIR FILE [--strict]                score a CSV, JSON or JSONL file, a JSON line a row

DIR holds pipeline.pickle, columns.json and dtypes.pickle. Only serve needs a database: the one of
DATABASE_URL, or PostgreSQL on this machine, which is started when needed.
`
