-- The tables of the plugin Odbc, on SQLite. A transaction that writes is the only one of its kind at any time, so
-- nothing is locked.

-- name: has-table
SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND LOWER(name) = LOWER(?)

-- name: has-unique-index
SELECT COUNT(*) FROM sqlite_master
WHERE type = 'index' AND name IN ('PublicIndex', 'OrthancImagesPublicIndex') AND sql LIKE 'CREATE UNIQUE%'

-- name: insert-patient
INSERT INTO Resources (resourceType, publicId, parentId) VALUES (0, ?, NULL)

-- name: insert-resource
INSERT INTO Resources (resourceType, publicId, parentId)
SELECT ?, ?, p.internalId FROM Resources p WHERE p.internalId = ?

-- name: last-id
SELECT last_insert_rowid()

-- name: lock-resources
SELECT internalId FROM Resources WHERE internalId {0} ORDER BY internalId

-- name: lock-children
SELECT internalId, resourceType, publicId FROM Resources WHERE parentId {0} ORDER BY internalId

-- name: set-metadata-rows
INSERT INTO Metadata (id, type, value, revision) VALUES {0}
ON CONFLICT (id, type) DO UPDATE SET value = excluded.value, revision = excluded.revision

-- name: last-change-index
SELECT MAX(n.seq) FROM (
    SELECT MAX(seq) AS seq FROM Changes
    UNION ALL SELECT CAST(value AS INTEGER) FROM GlobalProperties WHERE property = 10) n

-- name: keep-last-change
INSERT INTO GlobalProperties (property, value)
SELECT 10, CAST(m.seq AS TEXT) FROM (SELECT MAX(seq) AS seq FROM Changes) m WHERE m.seq IS NOT NULL
ON CONFLICT (property) DO UPDATE SET value =
    CASE WHEN CAST(excluded.value AS INTEGER) > CAST(GlobalProperties.value AS INTEGER)
         THEN excluded.value ELSE GlobalProperties.value END

-- name: clear-changes
INSERT INTO GlobalProperties (property, value)
SELECT 10, CAST(m.seq AS TEXT) FROM (SELECT MAX(seq) AS seq FROM Changes) m WHERE m.seq IS NOT NULL
ON CONFLICT (property) DO UPDATE SET value =
    CASE WHEN CAST(excluded.value AS INTEGER) > CAST(GlobalProperties.value AS INTEGER)
         THEN excluded.value ELSE GlobalProperties.value END

-- name: queue-front
SELECT id, value FROM OrthancImagesQueues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id ASC LIMIT 1

-- name: queue-back
SELECT id, value FROM OrthancImagesQueues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id DESC LIMIT 1

-- Whether triggers count (count-odbc-sqlite.sql).
-- name: counts
SELECT CASE WHEN COUNT(*) = 4 THEN 1 ELSE 0 END FROM sqlite_master
WHERE type = 'trigger' AND name IN ('OrthancImagesStatistics1', 'OrthancImagesStatistics2', 'OrthancImagesStatistics3',
                                    'OrthancImagesStatistics4')

-- name: statistics
SELECT COALESCE(SUM(patients), 0), COALESCE(SUM(studies), 0), COALESCE(SUM(series), 0), COALESCE(SUM(instances), 0),
       COALESCE(SUM(compressed), 0), COALESCE(SUM(uncompressed), 0)
FROM OrthancImagesStatistics
