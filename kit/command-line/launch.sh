# For the launchers in bin/ of a framework, which set $bin to their real folder. Runs a .ts file
# beside them with our own Node: the one of the slug (.hokku/node), the one of the repository, or
# else the machine's. Node 20 could not run TypeScript, so it is asked last.
#
# launch NAME ARGUMENT...   with options for Node in $node_options
node_options=

launch() {
  program=$bin/$1.ts
  shift
  for node in "$bin/../../node" "$bin/../../node/bin/node" "$bin/../../../node_modules/.bin/node" node; do
    if [ "$node" = node ] || { [ -f "$node" ] && [ -x "$node" ]; }; then
      # shellcheck disable=SC2086 # no word at all where there are no options
      exec "$node" $node_options --disable-warning=ExperimentalWarning "$program" "$@"
    fi
  done
}
