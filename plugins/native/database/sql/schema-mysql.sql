-- Statements of schema/mysql.cc, and those of the index that are different with this schema. The columns with texts
-- compare by their bytes here (the official plugin's are made to), but for blanks at the end.

-- name: schema-server
SELECT VERSION(), DATABASE()

-- name: schema-has-table
SELECT COUNT(*) FROM information_schema.tables
WHERE table_schema = DATABASE() AND LOWER(table_name) = LOWER(CONVERT(? USING utf8mb4))

-- name: schema-programs
SELECT CONCAT('TRIGGER ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = DATABASE()
UNION ALL
SELECT CONCAT('PROCEDURE ', routine_name) FROM information_schema.routines
WHERE routine_schema = DATABASE() AND routine_type = 'PROCEDURE'

-- How a column compares, and how long it is.
-- name: schema-column
SELECT collation_name, character_maximum_length FROM information_schema.columns
WHERE table_schema = DATABASE() AND LOWER(table_name) = LOWER(CONVERT(? USING utf8mb4))
    AND LOWER(column_name) = LOWER(CONVERT(? USING utf8mb4))

-- The columns of an index, and whether a value may be there twice.
-- name: schema-index
SELECT LOWER(column_name), non_unique FROM information_schema.statistics
WHERE table_schema = DATABASE() AND LOWER(table_name) = LOWER(CONVERT(? USING utf8mb4))
    AND LOWER(index_name) = LOWER(CONVERT(? USING utf8mb4))
ORDER BY seq_in_index

-- name: schema-has-resources
SELECT EXISTS (SELECT 1 FROM Resources)

-- name: schema-property
SELECT value FROM GlobalProperties WHERE property = ?

-- name: schema-set-property
INSERT INTO GlobalProperties (property, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)

-- name: schema-extension
SELECT MAX(version) FROM OrthancImagesSchema

-- name: schema-set-extension
INSERT IGNORE INTO OrthancImagesSchema (version) VALUES (?)

-- name: schema-last-change
INSERT IGNORE INTO GlobalIntegers (property, value) SELECT 0, COALESCE(MAX(seq), 0) FROM Changes

-- name: schema-lock
SELECT GET_LOCK(?, ?)

-- name: schema-unlock
SELECT RELEASE_LOCK(?)

-- name: schema-duplicates
SELECT publicId FROM Resources GROUP BY publicId HAVING COUNT(*) > 1 ORDER BY publicId LIMIT 3

-- name: schema-resources-counted
SELECT COUNT(*), SUM(resourceType = 0), SUM(resourceType = 1), SUM(resourceType = 2), SUM(resourceType = 3) FROM Resources

-- name: schema-sizes-counted
SELECT SUM(compressedSize), SUM(uncompressedSize) FROM AttachedFiles

-- name: schema-set-statistics
REPLACE INTO OrthancImagesStatistics (slot, patients, studies, series, instances, compressed, uncompressed)
SELECT -1, ? - COALESCE(SUM(patients), 0), ? - COALESCE(SUM(studies), 0), ? - COALESCE(SUM(series), 0),
    ? - COALESCE(SUM(instances), 0), ? - COALESCE(SUM(compressed), 0), ? - COALESCE(SUM(uncompressed), 0)
FROM OrthancImagesStatistics WHERE slot >= 0

-- name: create-instance
CALL OrthancImagesCreateInstance(?, ?, ?, ?)

-- One session at a time creates resources: to be used where no index prevents two with one public id.
-- name: create-alone
SELECT version FROM OrthancImagesSchema FOR UPDATE

-- name: resource-by-id
SELECT internalId, resourceType, publicId, parentId FROM Resources WHERE internalId = ?

-- name: lock-resource
SELECT internalId, resourceType, publicId, parentId FROM Resources WHERE internalId = ? FOR UPDATE

-- name: has-sibling
SELECT EXISTS (SELECT 1 FROM Resources WHERE parentId = ? AND internalId <> ?)

-- name: lock-children
SELECT internalId, resourceType, publicId, parentId FROM Resources WHERE parentId IN ({0}) ORDER BY internalId FOR UPDATE

-- name: attachments-of
SELECT f.uuid, f.fileType, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash,
    f.compressedHash, x.customData
FROM AttachedFiles AS f LEFT JOIN OrthancImagesAttachments AS x ON x.id = f.id AND x.fileType = f.fileType
WHERE f.id IN ({0})

-- name: delete-resources
DELETE FROM Resources WHERE internalId IN ({0})

-- What has been deleted: patients, studies, series, instances, and the sizes of their attachments.
-- name: count-deleted
UPDATE OrthancImagesStatistics
SET patients = patients - ?, studies = studies - ?, series = series - ?, instances = instances - ?,
    compressed = compressed - ?, uncompressed = uncompressed - ?
WHERE slot = CONNECTION_ID() MOD 256

-- name: attachment-to-delete
SELECT f.uuid, f.fileType, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash,
    f.compressedHash, x.customData
FROM AttachedFiles AS f LEFT JOIN OrthancImagesAttachments AS x ON x.id = f.id AND x.fileType = f.fileType
WHERE f.id = ? AND f.fileType = ? FOR UPDATE

-- name: delete-attachment-of
DELETE FROM AttachedFiles WHERE id = ? AND fileType = ?

-- name: newest-change
SELECT seq, internalId FROM Changes ORDER BY seq DESC LIMIT 1

-- name: newest-change-noted
SELECT COALESCE(MAX(value), 0) FROM GlobalIntegers WHERE property = 0

-- name: note-newest-change
UPDATE GlobalIntegers SET value = GREATEST(value, ?) WHERE property = 0

-- The rows are put in the place of {0}.
-- name: set-main-dicom-tags
INSERT INTO MainDicomTags (id, tagGroup, tagElement, value) VALUES {0} ON DUPLICATE KEY UPDATE value = VALUES(value)

-- name: set-identifiers
INSERT INTO DicomIdentifiers (id, tagGroup, tagElement, value) VALUES {0} ON DUPLICATE KEY UPDATE value = VALUES(value)

-- name: set-metadata-rows
INSERT INTO Metadata (id, type, value) VALUES {0} ON DUPLICATE KEY UPDATE value = VALUES(value)

-- name: statistics
SELECT SUM(patients), SUM(studies), SUM(series), SUM(instances), SUM(compressed), SUM(uncompressed)
FROM OrthancImagesStatistics

-- name: is-listed-for-recycling
SELECT EXISTS (SELECT 1 FROM PatientRecyclingOrder WHERE patientId = ?)

-- name: unlist-for-recycling
DELETE FROM PatientRecyclingOrder WHERE patientId = ?

-- name: list-for-recycling
INSERT INTO PatientRecyclingOrder (patientId)
SELECT r.internalId FROM Resources AS r
WHERE r.internalId = ? AND NOT EXISTS (SELECT 1 FROM PatientRecyclingOrder AS o WHERE o.patientId = r.internalId)

-- name: patient-to-recycle
SELECT patientId FROM PatientRecyclingOrder ORDER BY seq LIMIT 1

-- name: other-patient-to-recycle
SELECT patientId FROM PatientRecyclingOrder WHERE patientId <> ? ORDER BY seq LIMIT 1

-- name: descendants-1
(SELECT COUNT(*) FROM Resources AS d1 WHERE d1.parentId = {0})

-- name: descendants-2
(SELECT COUNT(*) FROM Resources AS d1 INNER JOIN Resources AS d2 ON d2.parentId = d1.internalId WHERE d1.parentId = {0})

-- name: descendants-3
(SELECT COUNT(*) FROM Resources AS d1 INNER JOIN Resources AS d2 ON d2.parentId = d1.internalId
    INNER JOIN Resources AS d3 ON d3.parentId = d2.internalId WHERE d1.parentId = {0})

-- The statements of the index.

-- name: last-change-index
SELECT GREATEST((SELECT COALESCE(MAX(value), 0) FROM GlobalIntegers WHERE property = 0),
                (SELECT COALESCE(MAX(seq), 0) FROM Changes))

-- name: clear-changes
CALL OrthancImagesClearChanges()

-- name: add-attachment
CALL OrthancImagesAddAttachment(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: attachment
SELECT f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash, f.compressedHash,
    COALESCE(x.revision, 0), x.customData
FROM AttachedFiles AS f LEFT JOIN OrthancImagesAttachments AS x ON x.id = f.id AND x.fileType = f.fileType
WHERE f.id = ? AND f.fileType = ?

-- name: find-attachments
SELECT f.id, f.fileType, f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash,
    f.compressedHash, COALESCE(x.revision, 0), x.customData
FROM AttachedFiles AS f LEFT JOIN OrthancImagesAttachments AS x ON x.id = f.id AND x.fileType = f.fileType
WHERE f.id {0}

-- name: custom-data
SELECT x.customData
FROM AttachedFiles AS f LEFT JOIN OrthancImagesAttachments AS x ON x.id = f.id AND x.fileType = f.fileType
WHERE f.uuid = ?

-- name: set-custom-data
INSERT INTO OrthancImagesAttachments (id, fileType, revision, customData)
SELECT f.id, f.fileType, 0, ?2 FROM AttachedFiles AS f WHERE f.uuid = ?1
ON DUPLICATE KEY UPDATE customData = VALUES(customData)

-- name: metadata
SELECT m.value, COALESCE(x.revision, 0)
FROM Metadata AS m LEFT JOIN OrthancImagesMetadata AS x ON x.id = m.id AND x.type = m.type
WHERE m.id = ? AND m.type = ?

-- name: find-metadata
SELECT m.id, m.type, m.value, COALESCE(x.revision, 0)
FROM Metadata AS m LEFT JOIN OrthancImagesMetadata AS x ON x.id = m.id AND x.type = m.type
WHERE m.id {0}

-- name: set-metadata
CALL OrthancImagesSetMetadata(?, ?, ?, ?)

-- name: store-value
INSERT INTO OrthancImagesKeyValueStores (storeId, storeKey, value) VALUES (?, ?, ?)
ON DUPLICATE KEY UPDATE value = VALUES(value)

-- name: stored-values
SELECT s.storeKey, s.value FROM OrthancImagesKeyValueStores AS s WHERE s.storeId = {0} {2} ORDER BY {1} {3}

-- Fragments, for columns that compare by their bytes. An index serves the first condition.

-- name: by-bytes
{0}

-- name: at-most
{0} <= {1}

-- name: at-least
{0} >= {1}

-- name: like
{0} LIKE {1} ESCAPE '\\'

-- name: among
({0} IN ({1}) AND CAST({0} AS BINARY) IN ({1}))
