-- The tables of the plugin Odbc, on SQL Server.

-- Until the end of the transaction.
-- name: lock-setup
EXEC sp_getapplock @Resource = 'orthanc_setup_lock', @LockMode = 'Exclusive', @LockOwner = 'Transaction',
    @LockTimeout = 20000

-- name: has-setup-lock
SELECT CASE WHEN APPLOCK_MODE('public', 'orthanc_setup_lock', 'Transaction') = 'Exclusive' THEN 1 ELSE 0 END

-- name: lock-index
EXEC sp_getapplock @Resource = 'orthanc_index_lock', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0

-- name: has-index-lock
SELECT CASE WHEN APPLOCK_MODE('public', 'orthanc_index_lock', 'Session') = 'Exclusive' THEN 1 ELSE 0 END

-- name: has-table
SELECT COUNT(*) FROM sys.tables WHERE object_id = OBJECT_ID(?)

-- name: has-unique-index
SELECT COUNT(*) FROM sys.indexes
WHERE object_id = OBJECT_ID('Resources') AND name IN ('PublicIndex', 'OrthancImagesPublicIndex') AND is_unique = 1

-- -1 is a value of any length.
-- name: value-limit
SELECT CHARACTER_MAXIMUM_LENGTH FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = ? AND COLUMN_NAME = 'value'

-- name: has-twins
SELECT TOP (1) publicId FROM Resources GROUP BY publicId HAVING COUNT(*) > 1

-- name: insert-patient
INSERT INTO Resources (resourceType, publicId, parentId)
OUTPUT INSERTED.internalId
SELECT 0, s.publicId, NULL FROM (SELECT ? AS publicId) AS s
WHERE NOT EXISTS (SELECT 1 FROM Resources r WITH (UPDLOCK, HOLDLOCK) WHERE r.publicId = s.publicId)

-- name: insert-resource
INSERT INTO Resources (resourceType, publicId, parentId)
OUTPUT INSERTED.internalId
SELECT s.resourceType, s.publicId, p.internalId
FROM (SELECT ? AS resourceType, ? AS publicId, ? AS parentId) AS s
JOIN Resources p WITH (REPEATABLEREAD) ON p.internalId = s.parentId
WHERE NOT EXISTS (SELECT 1 FROM Resources r WITH (UPDLOCK, HOLDLOCK) WHERE r.publicId = s.publicId)

-- name: lock-resources
SELECT internalId FROM Resources WITH (XLOCK, ROWLOCK) WHERE internalId {0} ORDER BY internalId

-- name: lock-children
SELECT internalId, resourceType, publicId FROM Resources WITH (XLOCK, ROWLOCK) WHERE parentId {0} ORDER BY internalId

-- name: first-in-order
SELECT TOP (1) patientId FROM PatientRecyclingOrder ORDER BY seq

-- name: first-in-order-but
SELECT TOP (1) patientId FROM PatientRecyclingOrder WHERE patientId <> ? ORDER BY seq

-- name: set-metadata-rows
MERGE INTO Metadata WITH (HOLDLOCK) AS t
USING (VALUES {0}) AS s (id, type, value, revision) ON t.id = s.id AND t.type = s.type
WHEN MATCHED THEN UPDATE SET value = s.value, revision = s.revision
WHEN NOT MATCHED THEN INSERT (id, type, value, revision) VALUES (s.id, s.type, s.value, s.revision);

-- name: levels
SELECT resourceType, COUNT_BIG(*) FROM Resources GROUP BY resourceType

-- name: level
SELECT COUNT_BIG(*) FROM Resources WHERE resourceType = ?

-- name: last-change-index
SELECT MAX(n.seq) FROM (
    SELECT MAX(seq) AS seq FROM Changes
    UNION ALL SELECT CAST(value AS BIGINT) FROM GlobalProperties WHERE property = 10) n

-- name: keep-last-change
MERGE INTO GlobalProperties WITH (HOLDLOCK) AS t
USING (SELECT MAX(seq) AS seq FROM Changes HAVING MAX(seq) IS NOT NULL) AS s ON t.property = 10
WHEN MATCHED AND CAST(t.value AS BIGINT) < s.seq THEN UPDATE SET value = CAST(s.seq AS VARCHAR(20))
WHEN NOT MATCHED THEN INSERT (property, value) VALUES (10, CAST(s.seq AS VARCHAR(20)));

-- name: clear-changes
MERGE INTO GlobalProperties WITH (HOLDLOCK) AS t
USING (SELECT MAX(seq) AS seq FROM Changes HAVING MAX(seq) IS NOT NULL) AS s ON t.property = 10
WHEN MATCHED AND CAST(t.value AS BIGINT) < s.seq THEN UPDATE SET value = CAST(s.seq AS VARCHAR(20))
WHEN NOT MATCHED THEN INSERT (property, value) VALUES (10, CAST(s.seq AS VARCHAR(20)));

-- name: add-attachment:2
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, CAST(?10 AS VARBINARY(MAX)) FROM AttachedFiles
WHERE id = ?1 AND fileType = ?2 AND CAST(?10 AS VARBINARY(MAX)) IS NOT NULL

-- name: set-custom-data:2
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, CAST(?2 AS VARBINARY(MAX)) FROM AttachedFiles
WHERE uuid = ?1 AND CAST(?2 AS VARBINARY(MAX)) IS NOT NULL

-- name: add-label
INSERT INTO OrthancImagesLabels (id, label)
SELECT s.id, s.label FROM (SELECT ? AS id, ? AS label) AS s
WHERE NOT EXISTS (SELECT 1 FROM OrthancImagesLabels l WITH (UPDLOCK, HOLDLOCK) WHERE l.id = s.id AND l.label = s.label)

-- name: store-value
MERGE INTO OrthancImagesKeyValueStores WITH (HOLDLOCK) AS t
USING (SELECT ? AS storeId, ? AS storeKey, ? AS value) AS s ON t.storeId = s.storeId AND t.storeKey = s.storeKey
WHEN MATCHED THEN UPDATE SET value = s.value
WHEN NOT MATCHED THEN INSERT (storeId, storeKey, value) VALUES (s.storeId, s.storeKey, s.value);

-- name: queue-front
SELECT TOP (1) id, value FROM OrthancImagesQueues WITH (UPDLOCK, READPAST, ROWLOCK)
WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?) ORDER BY id ASC

-- name: queue-back
SELECT TOP (1) id, value FROM OrthancImagesQueues WITH (UPDLOCK, READPAST, ROWLOCK)
WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?) ORDER BY id DESC
