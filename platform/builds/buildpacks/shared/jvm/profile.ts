/**
 * What dynos of Java apps find, as on Heroku: Java, a heap that leaves room for the rest of the
 * process, and the addresses of databases in the form that JDBC and Spring read.
 */
export const JVM_PROFILE = `export JAVA_HOME="$HOME/.jdk"
export PATH="$JAVA_HOME/bin:$PATH"

__heap() {
  local memory=\${MEMORY_AVAILABLE:-512}
  if [ "$memory" -le 512 ]; then echo 300
  elif [ "$memory" -le 1024 ]; then echo 671
  elif [ "$memory" -le 2560 ]; then echo 2048
  else echo $(( memory * 4 / 5 )); fi
}
case " $JAVA_TOOL_OPTIONS $JAVA_OPTS " in
  *-Xmx* | *MaxRAMPercentage*) ;;
  *) export JAVA_TOOL_OPTIONS="-Xmx$(__heap)m -Xss512k -Dfile.encoding=UTF-8\${JAVA_TOOL_OPTIONS:+ $JAVA_TOOL_OPTIONS}" ;;
esac

# postgres://user:password@host:port/name?more as JDBC has it, under a name and a prefix.
__jdbc() {
  local url=$1 name=$2 rest login address query=sslmode=require
  case $url in postgres://* | postgresql://*) ;; *) return ;; esac
  rest=\${url#*://} login=\${rest%@*} address=\${rest##*@}
  case $address in *\\?*) query=\${address#*\\?} address=\${address%%\\?*} ;; esac
  case $query in *sslmode=*) ;; *) query="$query&sslmode=require" ;; esac
  export "\${name}_URL=jdbc:postgresql://$address?user=\${login%%:*}&password=\${login#*:}&$query"
  export "\${name}_USERNAME=\${login%%:*}" "\${name}_PASSWORD=\${login#*:}"
}
[ -n "\${JDBC_DATABASE_URL:-}" ] || __jdbc "\${DATABASE_URL:-}" JDBC_DATABASE
for __name in $(compgen -v | grep -E '^HEROKU_POSTGRESQL_[A-Z]+_URL$'); do
  __jdbc "\${!__name}" "\${__name%_URL}_JDBC"
done
if [ -n "\${JDBC_DATABASE_URL:-}" ] && [ -z "\${SPRING_DATASOURCE_URL:-}\${DISABLE_SPRING_DATASOURCE_URL:-}" ]; then
  export SPRING_DATASOURCE_URL="$JDBC_DATABASE_URL" SPRING_DATASOURCE_USERNAME="\${JDBC_DATABASE_USERNAME:-}"
  export SPRING_DATASOURCE_PASSWORD="\${JDBC_DATABASE_PASSWORD:-}"
fi
if [ -n "\${REDIS_URL:-}" ]; then
  export SPRING_REDIS_URL="\${SPRING_REDIS_URL:-$REDIS_URL}" SPRING_DATA_REDIS_URL="\${SPRING_DATA_REDIS_URL:-$REDIS_URL}"
fi
unset -f __heap __jdbc; unset __name
`
