/** Names under which the original's pages are known to `url_for`, with their paths. */
export const VIEWS: Readonly<Record<string, string>> = {
  index: '/',
  advertisement: '/ad',
  give_consent: '/consent',
  start_exp: '/exp',
  start_exp_debug: '/inexp',
  quitter: '/quitter',
  debug_complete: '/complete',
  worker_complete: '/worker_complete',
  worker_submitted: '/worker_submitted',
}
