-- What `config check --connect` asks.

-- name: index
SELECT COUNT(*) FROM sys.tables WHERE name = 'GlobalProperties'

-- name: storage
SELECT COUNT(*) FROM sys.tables WHERE name = 'StorageArea'

-- name: properties
SELECT property, value FROM GlobalProperties WHERE property IN (1, 4)

-- name: size
SELECT SUM(CAST(size AS BIGINT)) * 8192 FROM sys.database_files

-- The rights that a server needs each day.
-- name: rights-to-work
SELECT needed.name FROM (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS needed(name)
WHERE HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', needed.name) = 0

-- The rights to make and change tables.
-- name: rights-to-make
SELECT needed.name FROM (VALUES ('CREATE TABLE')) AS needed(name)
WHERE HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', needed.name) = 0
