-- What each session over ODBC begins with (session-…), and what begins a transaction, on PostgreSQL.

-- name: session-patience
SET lock_timeout = 20000

-- A text outside ASCII has to come back as it is.
-- name: probe
SELECT CAST(? AS TEXT)

-- name: read
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

-- name: write
SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE
