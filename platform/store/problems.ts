import { defineProblems } from '@hokku/kit/problem'

/** Everything of the platform that can go wrong and be shown to a user. */
export const problem = defineProblems({
  state_corrupt: {
    id: 'internal_server_error',
    status: 500,
    meaning: "The platform's database file cannot be read.",
    remedy: 'Move the file away, and put the newest copy from `backups/state` in its place.',
  },
  git_failed: {
    id: 'invalid_params',
    status: 422,
    meaning: 'Git failed in the folder of `hokku ci:run`.',
    remedy: 'Run the command in a git repository that has a commit.',
  },
  heroku_cli_missing: {
    id: 'service_unavailable',
    status: 503,
    meaning: 'The official heroku CLI is not installed and could not be installed now.',
    remedy: 'Check the connection to the package registry, then run the command again.',
  },
  api_failed: {
    id: 'internal_server_error',
    status: 502,
    meaning: 'The control plane did not answer, or answered with an error.',
    remedy: 'See what runs with `hokku status`, and read `control-plane.log`.',
  },
  not_running: {
    id: 'not_found',
    status: 404,
    meaning: 'No hokku answers at the address, or it did not start.',
    remedy: 'Start it with `hokku up`; the logs named in the message say why a start failed.',
  },
  home_closed: {
    id: 'invalid_params',
    status: 422,
    meaning: 'Other users cannot reach HOKKU_HOME, which dynos and PostgreSQL need.',
    remedy: 'Choose a folder that others may pass through, such as `/var/lib/hokku`.',
  },
  home_locked: {
    id: 'conflict',
    status: 409,
    meaning: 'Another hokku is already running on the same HOKKU_HOME.',
    remedy: 'Use the one that runs, or stop it with `hokku down`.',
  },
  port_in_use: {
    id: 'conflict',
    status: 409,
    meaning: 'A port that hokku needs is taken by another program.',
    remedy: 'Stop that program, or choose another port with `hokku up --port`.',
  },
  unauthorized: {
    id: 'unauthorized',
    status: 401,
    meaning: 'The request has no valid token.',
    remedy: 'Run `heroku login`, or set HEROKU_API_KEY to what `hokku token` prints.',
  },
  forbidden: {
    id: 'forbidden',
    status: 403,
    meaning: 'The account may not do this.',
    remedy:
      'Ask the owner of the app or of the installation. For a form of the dashboard: reload the page.',
  },
  not_found: {
    id: 'not_found',
    status: 404,
    meaning:
      'The app, add-on, release or other resource does not exist, or the account cannot see it.',
    remedy: 'Check the name; `heroku apps` and similar commands list what there is.',
  },
  invalid_params: {
    id: 'invalid_params',
    status: 422,
    meaning: 'A field of the request, or an argument, has a value that is not allowed.',
    remedy: 'Correct the value that the message names.',
  },
  bad_request: {
    id: 'bad_request',
    status: 400,
    meaning: 'The request cannot be read, for example because the body is not JSON.',
    remedy: 'Correct the request.',
  },
  range_invalid: {
    id: 'requested_range_not_satisfiable',
    status: 416,
    meaning: 'The Range header of a list cannot be used.',
    remedy: 'Send a range as `id ..; max=200`, with a field that the list can be sorted by.',
  },
  confirmation_required: {
    id: 'confirmation_required',
    status: 423,
    meaning: 'The command would destroy or overwrite something.',
    remedy: 'Repeat it with `--confirm` and the name of the app.',
  },
  multiple_matches: {
    id: 'multiple_matches',
    status: 422,
    meaning: 'A name means more than one resource.',
    remedy: 'Give the full name or the id.',
  },
  build_rejected: {
    id: 'invalid_params',
    status: 422,
    meaning:
      'The source cannot be built: the message names the file and line, or the buildpack that refused it.',
    remedy: 'Correct the file, commit, and push again.',
  },
  build_running: {
    id: 'conflict',
    status: 422,
    meaning: 'The app is being built already.',
    remedy: 'Wait until that build has ended, then push again.',
  },
  slug_corrupt: {
    id: 'internal_server_error',
    status: 500,
    meaning:
      'A stored layer of the slug does not have the content it had when it was stored (R17).',
    remedy: 'Push again, or roll back to another release.',
  },
  slug_too_large: {
    id: 'invalid_params',
    status: 422,
    meaning: 'The built app is larger than a slug may be.',
    remedy:
      'Leave files out with `.slugignore`, and remove dependencies that only the build needs.',
  },
  disk_full: {
    id: 'internal_server_error',
    status: 507,
    meaning: 'The disk has too little free space for the operation. Nothing was changed.',
    remedy: 'Free some space, then try again.',
  },
  disk_failing: {
    id: 'internal_server_error',
    status: 500,
    meaning: 'The disk failed to read or write.',
    remedy: 'Look at the log of the kernel with `dmesg`, and copy HOKKU_HOME to another disk.',
  },
  disk_read_only: {
    id: 'internal_server_error',
    status: 507,
    meaning: 'The disk of HOKKU_HOME can only be read. Nothing was changed.',
    remedy: 'Find out why with `dmesg`, and mount the disk writable again.',
  },
  dyno_limit: {
    id: 'invalid_params',
    status: 422,
    meaning: 'The app would have more dynos than the limit allows.',
    remedy: 'Scale to fewer dynos, or stop one-off dynos with `heroku ps:stop`.',
  },
  addon_unavailable: {
    id: 'service_unavailable',
    status: 503,
    meaning:
      'The server behind an add-on cannot be reached, or the add-on cannot be offered on this machine.',
    remedy: 'Follow the hint of the message; `hokku doctor` names missing programs.',
  },
  bucket_unavailable: {
    id: 'service_unavailable',
    status: 503,
    meaning: 'The bucket that backups go to does not answer, or refuses.',
    remedy: 'Check `AWS_ENDPOINT_URL`, `AWS_REGION` and what the key may do.',
  },
  network_failed: {
    id: 'service_unavailable',
    status: 503,
    meaning: 'The rules that keep apps apart on the network could not be loaded.',
    remedy: 'Look at `nft list ruleset`, or start hokku with HOKKU_NETWORK=shared.',
  },
  no_port: {
    id: 'service_unavailable',
    status: 503,
    meaning: 'No port could be bound for a dyno.',
    remedy: 'Find the programs that hold the ports with `ss -ltnp`.',
  },
})
