#!/bin/sh
# Database servers for the tests of database/, to be read by a shell: a PostgreSQL and a MariaDB, without network and
# without a care for what is on the disk.
#
#   begin_servers FOLDER    starts making their data and starts them, in the background; the tests find them by
#                           TEST_POSTGRESQL, TEST_MYSQL, TEST_ODBC_POSTGRESQL, TEST_ODBC_MYSQL and TEST_ODBC_SQLITE, each
#                           the address of an empty database of its own; the servers also have an empty
#                           database named checks
#   await_servers FOLDER    waits until they answer
#   end_servers FOLDER      ends them
#
# Their packages, such as those of the checker in build.toml, need not have been configured, only unpacked.

begin_servers() {
    # PostgreSQL runs as no root, and asks who it is.
    [ -e /etc/passwd ] || cp /usr/share/base-passwd/passwd.master /etc/passwd
    [ -e /etc/group ] || cp /usr/share/base-passwd/group.master /etc/group
    as='' user=$(id -un)
    if [ "$(id -u)" -eq 0 ]; then
        as='setpriv --reuid=65534 --regid=65534 --clear-groups' user=nobody
        chmod 711 "$1"
    fi
    mkdir "$1/postgresql" "$1/mariadb" "$1/sqlite"
    [ -z "$as" ] || chown 65534:65534 "$1/postgresql" "$1/mariadb"

    : > "$1/postgresql.log"
    : > "$1/mariadb.log"
    run_postgresql "$1" >> "$1/postgresql.log" 2>&1 &
    echo $! > "$1/postgresql.pid"
    run_mariadb "$1" >> "$1/mariadb.log" 2>&1 &
    echo $! > "$1/mariadb.pid"

    drivers=$(dirname /usr/lib/*/odbc/psqlodbcw.so)
    export TEST_POSTGRESQL="host=$1/postgresql user=$user dbname=native"
    export TEST_MYSQL="socket=$1/mariadb/socket;user=tests;database=native"
    export TEST_ODBC_POSTGRESQL="Driver=$drivers/psqlodbcw.so;Servername=$1/postgresql;Username=$user;Database=odbc"
    export TEST_ODBC_MYSQL="Driver=$drivers/libmaodbc.so;Socket=$1/mariadb/socket;User=tests;Database=odbc"
    export TEST_ODBC_SQLITE="Driver=$drivers/libsqlite3odbc.so;Database=$1/sqlite/index"
}

run_postgresql() {
    bin=$(dirname /usr/lib/postgresql/*/bin/postgres)
    $as "$bin/initdb" --no-sync --no-instructions --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
        --pgdata="$1/postgresql/data"
    printf 'CREATE DATABASE native;\n\nCREATE DATABASE odbc;\n\nCREATE DATABASE checks;\n\n' \
        | $as "$bin/postgres" --single -j -F -D "$1/postgresql/data" postgres
    exec $as "$bin/postgres" -F -D "$1/postgresql/data" -k "$1/postgresql" -c listen_addresses= \
        -c synchronous_commit=off -c full_page_writes=off -c max_connections=200
}

run_mariadb() {
    cat > "$1/mariadb.sql" <<-SQL
	CREATE DATABASE native;
	CREATE DATABASE odbc;
	CREATE DATABASE checks;
	CREATE USER tests@localhost;
	GRANT ALL ON *.* TO tests@localhost WITH GRANT OPTION;
	SQL
    $as mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db \
        --force --skip-name-resolve --datadir="$1/mariadb/data"
    exec $as /usr/sbin/mariadbd --no-defaults --datadir="$1/mariadb/data" --socket="$1/mariadb/socket" \
        --pid-file="$1/mariadb/pid" --init-file="$1/mariadb.sql" --skip-networking --skip-log-bin --debug-no-sync \
        --max-allowed-packet=1G \
        --innodb-flush-log-at-trx-commit=0 --skip-innodb-doublewrite --skip-innodb-use-native-aio
}

await_servers() {
    tries=0
    until [ -S "$1/postgresql/.s.PGSQL.5432" ] && grep -q 'ready to accept connections' "$1/postgresql.log" \
        && grep -q 'ready for connections' "$1/mariadb.log"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || return 1
        for server in postgresql mariadb; do
            kill -0 "$(cat "$1/$server.pid")" || return 1
        done
        sleep 0.1
    done
}

end_servers() {
    for server in postgresql mariadb; do
        [ ! -s "$1/$server.pid" ] || kill "$(cat "$1/$server.pid")" 2> "$1/killed" || true
    done
    wait
}
