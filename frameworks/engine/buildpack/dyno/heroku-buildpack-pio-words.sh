# Splits the value of the variable $1 into the array $2, honouring quotes, without running anything
# in it.
split_words() {
  local text
  mapfile -t "$2" </dev/null
  if [ -z "${!1:-}" ]; then return; fi
  # The full stop keeps line ends, which a substitution would drop: the last word may be empty.
  if ! text=$(set -o pipefail; printf '%s' "${!1}" | xargs -n1 printf '%s\n' 2>/dev/null && echo .); then
    echo "ERROR: $1 cannot be split into options: a quote in it has no end." >&2
    exit 1
  fi
  mapfile -t "$2" <<<"${text%$'\n.'}"
}

# What upstream passes for S3 outside the US.
s3_opts=()
if [ -n "${AWS_REGION:-}" ]; then
  s3_opts=(
    --driver-java-options '-Dcom.amazonaws.services.s3.enableV4'
    --conf 'spark.executor.extraJavaOptions=-Dcom.amazonaws.services.s3.enableV4'
  )
fi
