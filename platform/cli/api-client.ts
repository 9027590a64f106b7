/** Where the Platform API is, and who asks. */
export type Api = Readonly<{ url: string; token: string }>

/**
 * A request to the Platform API.
 *
 * @throws Error with the API's own message when it does not answer with 2xx
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
  })
  const answer = (await response.json()) as Answer & { message?: string }
  if (response.ok) return answer
  throw new Error(`${method} ${path} answered ${response.status}: ${answer.message ?? ''}`)
}
