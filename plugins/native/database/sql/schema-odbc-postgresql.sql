-- The tables of the plugin Odbc, on PostgreSQL.

-- Until the end of the transaction. It is the lock that the plugin PostgreSQL takes too.
-- name: lock-setup
SELECT 1 FROM (SELECT pg_advisory_xact_lock(44)) l

-- name: lock-index
SELECT CASE WHEN pg_try_advisory_lock(42) THEN 1 ELSE 0 END

-- Values: the table.
-- name: has-table
SELECT COUNT(*) FROM pg_catalog.pg_tables
WHERE schemaname = ANY(current_schemas(false)) AND tablename = LOWER(CAST(? AS TEXT))

-- Whether no two resources can have one public id.
-- name: has-unique-index
SELECT COUNT(*) FROM pg_catalog.pg_indexes
WHERE schemaname = ANY(current_schemas(false)) AND indexname IN ('publicindex', 'orthancimagespublicindex')
  AND indexdef LIKE 'CREATE UNIQUE%'

-- How many characters a value may have. Values: the table.
-- name: value-limit
SELECT character_maximum_length FROM information_schema.columns
WHERE table_schema = ANY(current_schemas(false)) AND table_name = LOWER(CAST(? AS TEXT)) AND column_name = 'value'

-- Values: the public id.
-- name: insert-patient
INSERT INTO Resources (resourceType, publicId, parentId) VALUES (0, ?, NULL) ON CONFLICT DO NOTHING RETURNING internalId

-- No row where it is there already, or where the parent is not. Values: level, public id, parent.
-- name: insert-resource
INSERT INTO Resources (resourceType, publicId, parentId)
SELECT CAST(? AS INTEGER), CAST(? AS TEXT), p.internalId FROM Resources p WHERE p.internalId = ? FOR KEY SHARE
ON CONFLICT DO NOTHING RETURNING internalId

-- {0}: the values of the rows.
-- name: set-metadata-rows
INSERT INTO Metadata (id, type, value, revision) VALUES {0}
ON CONFLICT (id, type) DO UPDATE SET value = EXCLUDED.value, revision = EXCLUDED.revision

-- name: last-change-index
SELECT MAX(n.seq) FROM (
    SELECT MAX(seq) AS seq FROM Changes
    UNION ALL SELECT CAST(value AS BIGINT) FROM GlobalProperties WHERE property = 10) n

-- name: keep-last-change
INSERT INTO GlobalProperties (property, value)
SELECT 10, CAST(m.seq AS TEXT) FROM (SELECT MAX(seq) AS seq FROM Changes) m WHERE m.seq IS NOT NULL
ON CONFLICT (property) DO UPDATE SET value =
    CASE WHEN CAST(EXCLUDED.value AS BIGINT) > CAST(GlobalProperties.value AS BIGINT)
         THEN EXCLUDED.value ELSE GlobalProperties.value END

-- name: clear-changes
INSERT INTO GlobalProperties (property, value)
SELECT 10, CAST(m.seq AS TEXT) FROM (SELECT MAX(seq) AS seq FROM Changes) m WHERE m.seq IS NOT NULL
ON CONFLICT (property) DO UPDATE SET value =
    CASE WHEN CAST(EXCLUDED.value AS BIGINT) > CAST(GlobalProperties.value AS BIGINT)
         THEN EXCLUDED.value ELSE GlobalProperties.value END

-- name: add-attachment:2
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, CAST(?10 AS BYTEA) FROM AttachedFiles
WHERE id = ?1 AND fileType = ?2 AND CAST(?10 AS BYTEA) IS NOT NULL

-- name: set-custom-data:2
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, CAST(?2 AS BYTEA) FROM AttachedFiles
WHERE uuid = ?1 AND CAST(?2 AS BYTEA) IS NOT NULL

-- Whether triggers count (count-odbc-postgresql.sql).
-- name: counts
SELECT CASE WHEN COUNT(*) = 3 THEN 1 ELSE 0 END FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(current_schemas(false)) AND t.tgenabled = 'O'
  AND t.tgname IN ('orthancimagesstatistics1', 'orthancimagesstatistics2', 'orthancimagesstatistics3')

-- name: statistics
SELECT COALESCE(SUM(patients), 0), COALESCE(SUM(studies), 0), COALESCE(SUM(series), 0), COALESCE(SUM(instances), 0),
       COALESCE(SUM(compressed), 0), COALESCE(SUM(uncompressed), 0)
FROM OrthancImagesStatistics
