#!/usr/bin/env bash
# Pushes other people's repositories unmodified to the hokku of `hokku env`, and asks their page.
#
#   bench/field/push-unmodified.sh LIST FOLDER
#
# Each line of LIST is NAME REPOSITORY COMMIT SUBFOLDER [PATH]: a git repository on this machine,
# `.` for its root, and the page to ask. Logs go to FOLDER; the table goes to standard output.
set -uo pipefail
exec </dev/null
list=$1 folder=$2
mkdir -p "$folder"
url() { sed -n 's/.* \(http[^ ]*\) deployed to Heroku.*/\1/p' "$folder/$1.log" | tail -1; }

echo '| app | commit | push | status | title or first line |'
echo '| --- | --- | --- | --- | --- |'
while read -r -u 3 name repository commit below path; do
  case $name in '' | '#'*) continue ;; esac
  tree=$folder/$name
  rm -rf "$tree"; mkdir -p "$tree"
  git -C "$repository" archive "$commit" -- "$below" | tar -x -C "$tree" ||
    { echo "| $name | $commit | not in the repository | | |"; continue; }
  cd "$tree/$below" && git init --quiet --initial-branch=main && git add --all --force &&
    git -c user.name=Ada -c user.email=ada@example.com commit --quiet --message "$name"
  heroku create "$name" >"$folder/$name.log" 2>&1
  git push heroku main >>"$folder/$name.log" 2>&1 && pushed=built || pushed=declined
  status='' title=''
  if [ "$pushed" = built ]; then
    status=$(curl --silent --location --max-time 120 --output "$folder/$name.page" \
      --write-out '%{http_code}' "$(url "$name")${path:-}")
    title=$(grep -aoim1 '<title[^>]*>[^<]*' "$folder/$name.page" | sed 's/<[^>]*>//')
    [ -n "$title" ] || title=$(head -c 80 "$folder/$name.page" | tr -d '\n|')
    heroku logs --app "$name" -n 100 >>"$folder/$name.log" 2>&1
  fi
  echo "| $name | ${commit:0:8} | $pushed | $status | $title |"
  heroku ps:scale web=0 --app "$name" >/dev/null 2>&1
  cd /
done 3<"$list"
