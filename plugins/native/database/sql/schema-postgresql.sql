-- The schema of the section PostgreSQL: what its C++ runs, and what differs from common.sql.

-- Set-up.

-- name: set-up-lock
SELECT pg_try_advisory_lock(44)

-- name: set-up-unlock
SELECT pg_advisory_unlock(44)

-- name: index-lock
SELECT pg_try_advisory_lock(42)

-- What is there. Columns: whether the tables are, whether objects may be made in the schema, the schema, the user, and
-- whether that owns all tables.
-- name: what-is-there
SELECT to_regclass(format('%I.resources', current_schema())) IS NOT NULL,
       has_schema_privilege(current_schema(), 'CREATE'),
       current_schema(),
       current_user,
       NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'S')
                     AND c.relname IN ('globalproperties', 'serverproperties', 'resources', 'maindicomtags',
                                       'dicomidentifiers', 'metadata', 'attachedfiles', 'changes',
                                       'exportedresources', 'labels', 'globalintegers', 'globalintegerschanges',
                                       'invalidchildcounts', 'keyvaluestores', 'queues', 'auditlogs',
                                       'patientrecyclingorder', 'patientrecyclingordersequence')
                     AND NOT pg_has_role(c.relowner, 'USAGE'))

-- Columns: number, value.
-- name: schema-properties
SELECT property, value FROM GlobalProperties WHERE property IN (1, 4)

-- How many functions are ours, in the form that install-postgresql.sql has.
-- name: own-functions
SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = current_schema() AND p.prosrc LIKE '%/* orthanc-images 1 */%'

-- Tables that are missing.
-- name: missing-tables
SELECT string_agg(wanted.name, ', ' ORDER BY wanted.name)
FROM unnest(ARRAY['globalproperties', 'serverproperties', 'resources', 'maindicomtags', 'dicomidentifiers', 'metadata',
                  'attachedfiles', 'changes', 'exportedresources', 'labels', 'globalintegers',
                  'globalintegerschanges', 'invalidchildcounts', 'keyvaluestores', 'queues', 'auditlogs',
                  'patientrecyclingordersequence']) AS wanted (name)
WHERE to_regclass(format('%I.%I', current_schema(), wanted.name)) IS NULL

-- name: has-trigrams
SELECT to_regclass(format('%I.dicomidentifiersindexvalues2', current_schema())) IS NOT NULL

-- Resources.

-- Values: public ids of patient, study, series, instance.
-- name: create-instance
SELECT is_new_instance, instance_internal_id, is_new_patient, is_new_study, is_new_series, patient_internal_id,
       study_internal_id, series_internal_id
FROM CreateInstance(?, ?, ?, ?)

-- name: delete-resource
SELECT kind, level, public_id, file_uuid, file_type, compressed_size, uncompressed_size, compression, uncompressed_hash,
       compressed_hash, custom_data
FROM DeleteTree(?)

-- Values: id, type.
-- name: delete-attachment
DELETE FROM AttachedFiles WHERE id = ? AND fileType = ?
RETURNING uuid, fileType, compressedSize, uncompressedSize, compressionType, uncompressedHash, compressedHash, customData

-- Values: lists of ids, groups, elements; an array of texts.
-- name: set-main-tags
INSERT INTO MainDicomTags (id, tagGroup, tagElement, value)
SELECT t.id, t.tagGroup, t.tagElement, t.value
FROM unnest(?, ?, ?, CAST(? AS TEXT[])) AS t (id, tagGroup, tagElement, value)

-- name: set-identifiers
INSERT INTO DicomIdentifiers (id, tagGroup, tagElement, value)
SELECT t.id, t.tagGroup, t.tagElement, t.value
FROM unnest(?, ?, ?, CAST(? AS TEXT[])) AS t (id, tagGroup, tagElement, value)

-- What has the value already is left alone: instances that are stored into one series in the same second all set the
-- same LastUpdate, and need not wait for each other. Values: lists of ids, types; an array of texts.
-- name: set-many-metadata
INSERT INTO Metadata (id, type, value, revision)
SELECT t.id, t.type, t.value, 0
FROM unnest(?, ?, CAST(? AS TEXT[])) AS t (id, type, value)
WHERE NOT EXISTS (SELECT 1 FROM Metadata m
                  WHERE m.id = t.id AND m.type = t.type AND m.value = t.value AND m.revision = 0)
ON CONFLICT (id, type) DO UPDATE SET value = EXCLUDED.value, revision = EXCLUDED.revision

-- Changes.

-- name: last-change-index
SELECT coalesce(greatest((SELECT value FROM GlobalIntegers WHERE key = 6), (SELECT max(seq) FROM Changes)), 0)

-- name: keep-last-change
UPDATE GlobalIntegers SET value = (SELECT max(seq) FROM Changes)
WHERE key = 6 AND value < (SELECT max(seq) FROM Changes)

-- name: clear-changes
UPDATE GlobalIntegers SET value = (SELECT max(seq) FROM Changes)
WHERE key = 6 AND value < (SELECT max(seq) FROM Changes)

-- name: clear-changes:2
DELETE FROM Changes

-- Statistics: what is kept and what waits to be added to it. Columns: key, value.

-- name: statistics
SELECT s.key, sum(s.value)
FROM (SELECT key, value FROM GlobalIntegers WHERE key < 6
      UNION ALL SELECT key, value FROM GlobalIntegersChanges WHERE key < 6) AS s
GROUP BY s.key

-- Values: key.
-- name: statistic
SELECT coalesce((SELECT g.value FROM GlobalIntegers g WHERE g.key = k.key), 0) +
       coalesce((SELECT sum(c.value) FROM GlobalIntegersChanges c WHERE c.key = k.key), 0)
FROM (SELECT CAST(? AS INTEGER) AS key) AS k

-- name: update-statistics
SELECT UpdateStatistics()

-- Patients.

-- Values: id.
-- name: is-protected
SELECT 1 FROM Metadata WHERE id = ? AND type = 18 AND value = 'true'

-- name: protect
SELECT ProtectPatient(?)

-- name: unprotect
SELECT UnprotectPatient(?)

-- Values: id of a patient that is left out.
-- name: patient-to-recycle
SELECT m.id FROM Metadata m
WHERE m.type = 19 AND m.id <> ?
  AND NOT EXISTS (SELECT 1 FROM Metadata p WHERE p.id = m.id AND p.type = 18 AND p.value = 'true')
ORDER BY CAST(m.value AS BIGINT) LIMIT 1

-- The numbers of children. {0}: the id of the resource.

-- name: descendants-1
coalesce((SELECT CASE WHEN d1.childCount IS NULL OR EXISTS (SELECT 1 FROM InvalidChildCounts n WHERE n.id = d1.internalId)
                      THEN (SELECT count(*) FROM Resources d2 WHERE d2.parentId = d1.internalId)
                      ELSE d1.childCount END
          FROM Resources d1 WHERE d1.internalId = {0}), 0)

-- name: descendants-2
coalesce((SELECT CAST(sum(CASE WHEN d1.childCount IS NULL
                                 OR EXISTS (SELECT 1 FROM InvalidChildCounts n WHERE n.id = d1.internalId)
                               THEN (SELECT count(*) FROM Resources d2 WHERE d2.parentId = d1.internalId)
                               ELSE d1.childCount END) AS BIGINT)
          FROM Resources d1 WHERE d1.parentId = {0}), 0)

-- name: descendants-3
coalesce((SELECT CAST(sum(CASE WHEN d1.childCount IS NULL
                                 OR EXISTS (SELECT 1 FROM InvalidChildCounts n WHERE n.id = d1.internalId)
                               THEN (SELECT count(*) FROM Resources d2 WHERE d2.parentId = d1.internalId)
                               ELSE d1.childCount END) AS BIGINT)
          FROM Resources d0 JOIN Resources d1 ON d1.parentId = d0.internalId WHERE d0.parentId = {0}), 0)

-- Those of AllowInconsistentChildCounts: what is noted is not counted.

-- name: inexact-descendants-1
coalesce((SELECT coalesce(d1.childCount, (SELECT count(*) FROM Resources d2 WHERE d2.parentId = d1.internalId))
          FROM Resources d1 WHERE d1.internalId = {0}), 0)

-- name: inexact-descendants-2
coalesce((SELECT CAST(sum(coalesce(d1.childCount,
                                   (SELECT count(*) FROM Resources d2 WHERE d2.parentId = d1.internalId))) AS BIGINT)
          FROM Resources d1 WHERE d1.parentId = {0}), 0)

-- name: inexact-descendants-3
coalesce((SELECT CAST(sum(coalesce(d1.childCount,
                                   (SELECT count(*) FROM Resources d2 WHERE d2.parentId = d1.internalId))) AS BIGINT)
          FROM Resources d0 JOIN Resources d1 ON d1.parentId = d0.internalId WHERE d0.parentId = {0}), 0)

-- Housekeeping.

-- name: count-missing-children
SELECT ComputeMissingChildCount(?)

-- name: count-noted-children
SELECT UpdateInvalidChildCounts()
