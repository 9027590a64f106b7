# Languages that hokku has no buildpack for: what shows them, and who builds them.
# Sourced by bin/detect and bin/compile, with the app's folder as the working directory.

# The first file of these names that the app has.
first() { for file do if [ -e "$file" ]; then echo "$file"; return 0; fi; done; return 1; }

# Our own buildpacks take apps with these, even if there is more.
is_python() { first requirements.txt uv.lock poetry.lock Pipfile Pipfile.lock pyproject.toml setup.py >/dev/null; }
is_ours() {
  first pom.xml build.gradle build.gradle.kts gradlew build.sbt go.mod Cargo.toml init.R init.r renv.lock run.R app.R \
    server.R plumber.R >/dev/null
}
is_site() { first static.json index.html >/dev/null; }

# Prints the language and the file that shows it; fails for an app of none of them.
language() {
  is_python && return 1
  file=$(first Gemfile) && { echo "Ruby:$file"; return; }
  file=$(first project.clj) && { echo "Clojure:$file"; return; }
  file=$(first mix.exs) && { echo "Elixir:$file"; return; }
  [ -f package.json ] && return 1
  file=$(first composer.json index.php) && { echo "PHP:$file"; return; }
  is_ours && return 1
  file=$(first Gopkg.lock Godeps/Godeps.json vendor/vendor.json) && { echo "Go:$file"; return; }
  file=$(first *.sln *.slnx *.csproj *.fsproj) && { echo ".NET:$file"; return; }
  file=$(first Project.toml) && { echo "Julia:$file"; return; }
  file=$(first deno.json deno.jsonc) && { echo "Deno:$file"; return; }
  is_site && return 1
  file=$(first environment.yml environment.yaml) && { echo "Conda:$file"; return; }
  file=$(first heroku.yml Dockerfile) && { echo "Docker:$file"; return; }
  [ -f Procfile ] && return 1
  for file in .gitignore .slugignore; do
    grep -qsx '/\?package\.json' "$file" && { echo "Node.js:$file"; return; }
  done
  file=$(first *.js *.ts src/*.js src/*.ts) && { echo "Node.js:$file"; return; }
  return 1
}

# The address of the buildpack that builds a language.
address() {
  case $1 in
    Ruby) echo https://github.com/heroku/heroku-buildpack-ruby ;;
    Clojure) echo https://github.com/heroku/heroku-buildpack-clojure ;;
    Elixir) echo https://github.com/HashNuke/heroku-buildpack-elixir ;;
    PHP) echo https://github.com/heroku/heroku-buildpack-php ;;
    .NET) echo https://github.com/heroku/heroku-buildpack-dotnet ;;
    Julia) echo https://github.com/Optomatica/heroku-buildpack-julia ;;
    Deno) echo https://github.com/chibat/heroku-buildpack-deno ;;
  esac
}
