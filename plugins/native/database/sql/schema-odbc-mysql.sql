-- The tables of the plugin Odbc, on MySQL and MariaDB.

-- Until unlock-setup: statements that make tables end a transaction here.
-- name: lock-setup
SELECT GET_LOCK(LEFT(CONCAT(DATABASE(), '.orthanc_setup_lock'), 64), 20)

-- name: unlock-setup
SELECT RELEASE_LOCK(LEFT(CONCAT(DATABASE(), '.orthanc_setup_lock'), 64))

-- name: lock-index
SELECT GET_LOCK(LEFT(CONCAT(DATABASE(), '.orthanc_index_lock'), 64), 0)

-- name: has-table
SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND LOWER(table_name) = LOWER(?)

-- Values: the index.
-- name: has-index
SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = ?

-- name: has-unique-index
SELECT COUNT(*) FROM information_schema.statistics
WHERE table_schema = DATABASE() AND index_name IN ('PublicIndex', 'OrthancImagesPublicIndex') AND non_unique = 0

-- name: value-limit
SELECT character_maximum_length FROM information_schema.columns
WHERE table_schema = DATABASE() AND LOWER(table_name) = LOWER(?) AND column_name = 'value'

-- name: insert-patient
INSERT IGNORE INTO Resources (resourceType, publicId, parentId) VALUES (0, ?, NULL)

-- An INSERT that selects would lock the counter of the table until its end.
-- name: lock-parent
SELECT internalId FROM Resources WHERE internalId = ? LOCK IN SHARE MODE

-- name: insert-resource
INSERT IGNORE INTO Resources (resourceType, publicId, parentId) VALUES (?, ?, ?)

-- name: last-id
SELECT LAST_INSERT_ID()

-- name: set-metadata-rows
INSERT INTO Metadata (id, type, value, revision) VALUES {0}
ON DUPLICATE KEY UPDATE value = VALUES(value), revision = VALUES(revision)

-- name: last-change-index
SELECT MAX(n.seq) FROM (
    SELECT MAX(seq) AS seq FROM Changes
    UNION ALL SELECT CAST(value AS SIGNED) FROM GlobalProperties WHERE property = 10) n

-- name: keep-last-change
INSERT INTO GlobalProperties (property, value)
SELECT 10, CAST(m.seq AS CHAR) FROM (SELECT MAX(seq) AS seq FROM Changes) m WHERE m.seq IS NOT NULL
ON DUPLICATE KEY UPDATE value = GREATEST(CAST(value AS SIGNED), CAST(VALUES(value) AS SIGNED))

-- name: clear-changes
INSERT INTO GlobalProperties (property, value)
SELECT 10, CAST(m.seq AS CHAR) FROM (SELECT MAX(seq) AS seq FROM Changes) m WHERE m.seq IS NOT NULL
ON DUPLICATE KEY UPDATE value = GREATEST(CAST(value AS SIGNED), CAST(VALUES(value) AS SIGNED))

-- name: add-label
INSERT IGNORE INTO OrthancImagesLabels (id, label) VALUES (?, ?)

-- name: store-value
INSERT INTO OrthancImagesKeyValueStores (storeId, storeKey, value) VALUES (?, ?, ?)
ON DUPLICATE KEY UPDATE value = VALUES(value)

-- The server refuses NULL for the column even where no row is inserted.

-- name: add-attachment:2
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, COALESCE(?10, '') FROM AttachedFiles WHERE id = ?1 AND fileType = ?2 AND ?10 IS NOT NULL

-- name: set-custom-data:2
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, COALESCE(?2, '') FROM AttachedFiles WHERE uuid = ?1 AND ?2 IS NOT NULL

-- Whether triggers count (count-odbc-mysql.sql).
-- name: counts
SELECT CASE WHEN COUNT(*) = 4 AND EXISTS (SELECT 1 FROM OrthancImagesStatistics WHERE slot = -1) THEN 1 ELSE 0 END
FROM information_schema.triggers
WHERE trigger_schema = DATABASE()
  AND LOWER(trigger_name) IN ('orthancimagesstatistics1', 'orthancimagesstatistics2', 'orthancimagesstatistics3',
                              'orthancimagesstatistics4')

-- name: statistics
SELECT COALESCE(SUM(patients), 0), COALESCE(SUM(studies), 0), COALESCE(SUM(series), 0), COALESCE(SUM(instances), 0),
       COALESCE(SUM(compressed), 0), COALESCE(SUM(uncompressed), 0)
FROM OrthancImagesStatistics
