-- What each session over ODBC begins with (session-…), and how transactions are isolated, on SQL Server.

-- name: session-patience
SET LOCK_TIMEOUT 20000

-- name: session-abort
SET XACT_ABORT ON

-- name: probe
SELECT CAST(? AS NVARCHAR(20))

-- Whether readers can have a snapshot.
-- name: snapshots
SELECT COUNT(*) FROM sys.databases WHERE name = DB_NAME() AND snapshot_isolation_state = 1

-- name: isolation-snapshot
SET TRANSACTION ISOLATION LEVEL SNAPSHOT

-- Without snapshots, readers keep what they have read as it is, by locks.
-- name: isolation-read
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ

-- name: isolation-write
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
