# pio and pio-shell, and the folder whose pio-env.sh and rendered files they read.
export PATH="$HOME/.hokku/bin:$PATH"
if [ -d "$HOME/config" ] && [ -z "$PIO_CONF_DIR" ]; then
  __pio_node="$HOME/.hokku/node"
  [ -d "$__pio_node" ] && __pio_node="$__pio_node/bin/node"
  # Without its configuration an engine would read and write in other stores than it should.
  "$__pio_node" --disable-warning=ExperimentalWarning "$HOME/.hokku/engine/buildpack/render-config.ts" "$HOME/config" "$HOME/.hokku/conf" || exit 1
  export PIO_CONF_DIR="$HOME/.hokku/conf"
  unset __pio_node
fi
