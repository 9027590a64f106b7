/**
 * Git's credential helper for the platform that `HEROKU_HOST` names: answers with the API key of
 * this shell, else with that of `heroku login` in `~/.netrc`. Shell, because git calls it on every
 * push, and because a push must work before the official CLI is installed.
 *
 * It answers only `get`, only for https and only for the platform's own host; saying nothing makes
 * git ask the user.
 *
 * @see https://git-scm.com/docs/gitcredentials#_custom_helpers
 */
export const gitCredentialScript = `[ "\${1-}" = get ] || exit 0
host= protocol=
while IFS='=' read -r name value && [ -n "$name" ]; do
  case $name in
    host) host=$value ;;
    protocol) protocol=$value ;;
  esac
done
[ "$protocol" = https ] || exit 0
[ -n "$host" ] && [ "\${HEROKU_HOST#*://}" = "$host" ] || exit 0
token=\${HEROKU_API_KEY-}
if [ -z "$token" ] && [ -r "$HOME/.netrc" ]; then
  token=$(awk -v host="$host" '
    { for (i = 1; i <= NF; i++) {
        if (before == "machine") ours = ($i == host)
        if (before == "password" && ours) { print $i; exit }
        before = $i
    } }' "$HOME/.netrc")
fi
[ -n "$token" ] || exit 0
printf 'username=heroku\\npassword=%s\\n' "$token"`
