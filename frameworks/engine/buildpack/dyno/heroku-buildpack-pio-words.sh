# Splits the value of a variable into words, honouring quotes, without running anything in it.
words() {
  if [ -n "$1" ]; then printf '%s' "$1" | xargs -n1 printf '%s\n'; fi
}

# What upstream passes for S3 outside the US.
s3_opts=()
if [ -n "${AWS_REGION:-}" ]; then
  s3_opts=(
    --driver-java-options '-Dcom.amazonaws.services.s3.enableV4'
    --conf 'spark.executor.extraJavaOptions=-Dcom.amazonaws.services.s3.enableV4'
  )
fi
