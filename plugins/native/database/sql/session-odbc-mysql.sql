-- What each session over ODBC begins with (session-…), and what begins a transaction, on MySQL and MariaDB.

-- name: session-variables
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO',
    SESSION wait_timeout = 31536000, SESSION group_concat_max_len = 1048576, SESSION innodb_lock_wait_timeout = 20

-- name: probe
SELECT CAST(? AS CHAR(20))

-- Holds for the session until another is set.
-- name: isolation-read
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ

-- name: isolation-write
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED

-- name: read
START TRANSACTION READ ONLY

-- name: write
START TRANSACTION

-- name: last-id
SELECT LAST_INSERT_ID()
