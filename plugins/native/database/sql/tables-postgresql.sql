-- What must be there beside tables.sql in an index of the plugin PostgreSQL.

-- name: Resources
SELECT childCount FROM Resources WHERE 1 = 0

-- name: Metadata
SELECT revision FROM Metadata WHERE 1 = 0

-- name: AttachedFiles
SELECT revision, customData FROM AttachedFiles WHERE 1 = 0

-- name: Labels
SELECT id, label FROM Labels WHERE 1 = 0

-- name: GlobalIntegers
SELECT key, value FROM GlobalIntegers WHERE 1 = 0

-- name: GlobalIntegersChanges
SELECT key, value FROM GlobalIntegersChanges WHERE 1 = 0

-- name: KeyValueStores
SELECT storeId, key, value FROM KeyValueStores WHERE 1 = 0

-- name: Queues
SELECT id, queueId, value, reservedUntil FROM Queues WHERE 1 = 0
