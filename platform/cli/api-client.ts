import { problem } from '../store/index.ts'

/** Where the Platform API is, and who asks. */
export type Api = Readonly<{ url: string; token: string }>

/**
 * A request to the Platform API.
 *
 * @throws Problem `api_failed` with the API's own message when it does not answer with 2xx
 */
export async function callApi<Answer>(
  { url, token }: Api,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.heroku+json; version=3',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw problem('api_failed', `${url} does not answer.`, {
      cause: error,
      hint: 'See what runs: hokku status',
    })
  })
  const answer = (await response.json()) as Answer & { message?: string }
  if (response.ok) return answer
  throw problem('api_failed', answer.message ?? `${method} ${path} answered ${response.status}.`)
}
