# Memory that fits the dyno: by its size where the platform sets it, otherwise by its process limit.
case "${MEMORY_AVAILABLE:-}" in
  '')
    case "$(ulimit -u)" in
      512) __pio_memory=768m ;;
      16384) __pio_memory=2024m ;;
      32768) __pio_memory=13g ;;
      *) __pio_memory=384m ;;
    esac
    ;;
  *)
    if [ "$MEMORY_AVAILABLE" -ge 14336 ]; then __pio_memory=13g
    elif [ "$MEMORY_AVAILABLE" -ge 2560 ]; then __pio_memory=2024m
    elif [ "$MEMORY_AVAILABLE" -ge 1024 ]; then __pio_memory=768m
    else __pio_memory=384m
    fi
    ;;
esac
case "$PIO_SPARK_OPTS" in
  *--executor-memory* | *--driver-memory*) ;;
  *)
    export PIO_SPARK_OPTS="--driver-memory $__pio_memory${PIO_SPARK_OPTS:+ $PIO_SPARK_OPTS}"
    echo "Autoset Spark memory params for web process: --driver-memory $__pio_memory"
    ;;
esac
case "$PIO_TRAIN_SPARK_OPTS" in
  *--executor-memory* | *--driver-memory*) ;;
  *)
    export PIO_TRAIN_SPARK_OPTS="--driver-memory $__pio_memory${PIO_TRAIN_SPARK_OPTS:+ $PIO_TRAIN_SPARK_OPTS}"
    echo "Autoset Spark memory params for training: --driver-memory $__pio_memory"
    ;;
esac
unset __pio_memory
