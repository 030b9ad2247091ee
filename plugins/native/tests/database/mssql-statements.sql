-- Every statement that SQL Server is sent, as mssql_test.cc notes it. Where they change, run the tests of the
-- databases with MSSQL_STATEMENTS set to the path of this file.

GO
CREATE INDEX AuditLogsTimes ON OrthancImagesAuditLogs(ts, id)

GO
CREATE INDEX ChangesIndex ON Changes(internalId)

GO
CREATE INDEX ChildrenIndex ON Resources(parentId)

GO
CREATE INDEX DicomIdentifiersIndex1 ON DicomIdentifiers(id)

GO
CREATE INDEX DicomIdentifiersIndex2 ON DicomIdentifiers(tagGroup, tagElement)

GO
CREATE INDEX DicomIdentifiersIndexValues ON DicomIdentifiers(value)

GO
CREATE INDEX MainDicomTagsIndex ON MainDicomTags(id)

GO
CREATE INDEX OrthancImagesFilesIndex ON AttachedFiles(uuid)

GO
CREATE INDEX OrthancImagesIdentifiersIndex ON DicomIdentifiers(tagGroup, tagElement, value)

GO
CREATE INDEX OrthancImagesLabelsIndex ON OrthancImagesLabels(label)

GO
CREATE INDEX OrthancImagesQueuesIndex ON OrthancImagesQueues(queueId, id)

GO
CREATE INDEX PatientRecyclingIndex ON PatientRecyclingOrder(patientId)

GO
CREATE INDEX ResourceTypeIndex ON Resources(resourceType)

GO
CREATE TABLE AttachedFiles(
    id BIGINT NOT NULL,
    fileType INTEGER NOT NULL,
    uuid VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    compressedSize BIGINT,
    uncompressedSize BIGINT,
    compressionType INTEGER,
    uncompressedHash VARCHAR(40) COLLATE Latin1_General_100_BIN2_UTF8,
    compressedHash VARCHAR(40) COLLATE Latin1_General_100_BIN2_UTF8,
    revision INTEGER,
    PRIMARY KEY (id, fileType),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

GO
CREATE TABLE Changes(
    seq BIGINT IDENTITY PRIMARY KEY,
    changeType INTEGER,
    internalId BIGINT,
    resourceType INTEGER,
    date VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8,
    FOREIGN KEY (internalId) REFERENCES Resources(internalId) ON DELETE CASCADE)

GO
CREATE TABLE DeletedFiles(
    id BIGINT NOT NULL,
    fileType INTEGER,
    uuid VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    compressedSize BIGINT,
    uncompressedSize BIGINT,
    compressionType INTEGER,
    uncompressedHash VARCHAR(40) COLLATE Latin1_General_100_BIN2_UTF8,
    compressedHash VARCHAR(40) COLLATE Latin1_General_100_BIN2_UTF8,
    revision INTEGER)

GO
CREATE TABLE DeletedResources(
    internalId BIGINT NOT NULL PRIMARY KEY,
    resourceType INTEGER NOT NULL,
    publicId VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL)

GO
CREATE TABLE DicomIdentifiers(
    id BIGINT NOT NULL,
    tagGroup INTEGER NOT NULL,
    tagElement INTEGER NOT NULL,
    value VARCHAR(850) COLLATE Latin1_General_100_BIN2_UTF8,
    PRIMARY KEY (id, tagGroup, tagElement),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

GO
CREATE TABLE ExportedResources(
    seq BIGINT IDENTITY PRIMARY KEY,
    resourceType INTEGER,
    publicId VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8,
    remoteModality VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8,
    patientId VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8,
    studyInstanceUid VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8,
    seriesInstanceUid VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8,
    sopInstanceUid VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8,
    date VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8)

GO
CREATE TABLE GlobalProperties(
    property INTEGER NOT NULL PRIMARY KEY,
    value VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8)

GO
CREATE TABLE MainDicomTags(
    id BIGINT NOT NULL,
    tagGroup INTEGER NOT NULL,
    tagElement INTEGER NOT NULL,
    value VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8,
    PRIMARY KEY (id, tagGroup, tagElement),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

GO
CREATE TABLE Metadata(
    id BIGINT NOT NULL,
    type INTEGER NOT NULL,
    value VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8,
    revision INTEGER,
    PRIMARY KEY (id, type),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

GO
CREATE TABLE OrthancImagesAuditLogs(
    id BIGINT IDENTITY PRIMARY KEY,
    ts BIGINT NOT NULL,
    sourcePlugin VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    userId VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    resourceType INTEGER NOT NULL,
    resourceId VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    action VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    logData VARBINARY(MAX))

GO
CREATE TABLE OrthancImagesCustomData(
    id BIGINT NOT NULL,
    fileType INTEGER NOT NULL,
    customData VARBINARY(MAX) NOT NULL,
    PRIMARY KEY (id, fileType),
    FOREIGN KEY (id, fileType) REFERENCES AttachedFiles(id, fileType) ON DELETE CASCADE)

GO
CREATE TABLE OrthancImagesKeyValueStores(
    storeId VARCHAR(200) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    storeKey VARCHAR(700) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    value VARBINARY(MAX) NOT NULL,
    PRIMARY KEY (storeId, storeKey))

GO
CREATE TABLE OrthancImagesLabels(
    id BIGINT NOT NULL,
    label VARCHAR(255) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    PRIMARY KEY (id, label),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

GO
CREATE TABLE OrthancImagesQueues(
    id BIGINT IDENTITY PRIMARY KEY,
    queueId VARCHAR(200) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    value VARBINARY(MAX) NOT NULL,
    reservedUntil BIGINT)

GO
CREATE TABLE OrthancImagesRevision(
    revision INTEGER NOT NULL PRIMARY KEY)

GO
CREATE TABLE PatientRecyclingOrder(
    seq BIGINT IDENTITY PRIMARY KEY,
    patientId BIGINT NOT NULL,
    FOREIGN KEY (patientId) REFERENCES Resources(internalId) ON DELETE CASCADE)

GO
CREATE TABLE Resources(
    internalId BIGINT IDENTITY PRIMARY KEY,
    resourceType INTEGER NOT NULL,
    publicId VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    parentId BIGINT)

GO
CREATE TABLE ServerProperties(
    server VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    property INTEGER NOT NULL,
    value VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8,
    PRIMARY KEY (server, property))

GO
CREATE TABLE StorageArea(
    uuid VARCHAR(64) NOT NULL PRIMARY KEY,
    content VARBINARY(MAX) NOT NULL,
    type INTEGER NOT NULL)

GO
CREATE UNIQUE INDEX OrthancImagesPublicIndex ON Resources(publicId)

GO
CREATE UNIQUE INDEX PublicIndex ON Resources(publicId)

GO
DELETE FROM AttachedFiles WHERE id = ? AND fileType = ?

GO
DELETE FROM Changes

GO
DELETE FROM DicomIdentifiers WHERE id = ?

GO
DELETE FROM ExportedResources

GO
DELETE FROM MainDicomTags WHERE id = ?

GO
DELETE FROM Metadata WHERE id = ? AND type = ?

GO
DELETE FROM OrthancImagesCustomData
WHERE id IN (SELECT f.id FROM AttachedFiles f WHERE f.uuid = ?)
  AND fileType IN (SELECT f.fileType FROM AttachedFiles f WHERE f.uuid = ?)

GO
DELETE FROM OrthancImagesKeyValueStores WHERE storeId = ? AND storeKey = ?

GO
DELETE FROM OrthancImagesLabels WHERE id = ? AND label = ?

GO
DELETE FROM OrthancImagesQueues WHERE queueId = ? AND id = ?

GO
DELETE FROM OrthancImagesQueues WHERE queueId = ? AND id = ? AND reservedUntil > ?

GO
DELETE FROM PatientRecyclingOrder WHERE patientId = ?

GO
DELETE FROM Resources WHERE internalId IN (1, 1, 1)

GO
DELETE FROM StorageArea WHERE uuid = ? AND type = ?

GO
EXEC sp_getapplock @Resource = 'orthanc_index_lock', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0

GO
EXEC sp_getapplock @Resource = 'orthanc_setup_lock', @LockMode = 'Exclusive', @LockOwner = 'Transaction',
    @LockTimeout = 20000

GO
INSERT INTO AttachedFiles (id, fileType, uuid, compressedSize, uncompressedSize, compressionType, uncompressedHash,
                           compressedHash, revision)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

GO
INSERT INTO Changes (changeType, internalId, resourceType, date) VALUES (?, ?, ?, ?)

GO
INSERT INTO DicomIdentifiers (id, tagGroup, tagElement, value) VALUES (?, ?, ?, ?)

GO
INSERT INTO ExportedResources (resourceType, publicId, remoteModality, patientId, studyInstanceUid, seriesInstanceUid,
                               sopInstanceUid, date)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

GO
INSERT INTO GlobalProperties (property, value) VALUES (1, '6')

GO
INSERT INTO MainDicomTags (id, tagGroup, tagElement, value) VALUES (?, ?, ?, ?)

GO
INSERT INTO OrthancImagesAuditLogs(ts, sourcePlugin, userId, resourceType, resourceId, action, logData)
VALUES (?, ?, ?, ?, ?, ?, ?)

GO
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, CAST(? AS VARBINARY(MAX)) FROM AttachedFiles
WHERE id = ? AND fileType = ? AND CAST(? AS VARBINARY(MAX)) IS NOT NULL

GO
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, CAST(? AS VARBINARY(MAX)) FROM AttachedFiles
WHERE uuid = ? AND CAST(? AS VARBINARY(MAX)) IS NOT NULL

GO
INSERT INTO OrthancImagesLabels (id, label)
SELECT s.id, s.label FROM (SELECT ? AS id, ? AS label) AS s
WHERE NOT EXISTS (SELECT 1 FROM OrthancImagesLabels l WITH (UPDLOCK, HOLDLOCK) WHERE l.id = s.id AND l.label = s.label)

GO
INSERT INTO OrthancImagesQueues (queueId, value) VALUES (?, ?)

GO
INSERT INTO OrthancImagesRevision (revision) VALUES (1)

GO
INSERT INTO PatientRecyclingOrder (patientId) VALUES (?)

GO
INSERT INTO Resources (resourceType, publicId, parentId)
OUTPUT INSERTED.internalId
SELECT 0, s.publicId, NULL FROM (SELECT ? AS publicId) AS s
WHERE NOT EXISTS (SELECT 1 FROM Resources r WITH (UPDLOCK, HOLDLOCK) WHERE r.publicId = s.publicId)

GO
INSERT INTO Resources (resourceType, publicId, parentId)
OUTPUT INSERTED.internalId
SELECT s.resourceType, s.publicId, p.internalId
FROM (SELECT ? AS resourceType, ? AS publicId, ? AS parentId) AS s
JOIN Resources p WITH (REPEATABLEREAD) ON p.internalId = s.parentId
WHERE NOT EXISTS (SELECT 1 FROM Resources r WITH (UPDLOCK, HOLDLOCK) WHERE r.publicId = s.publicId)

GO
INSERT INTO StorageArea(uuid, content, type) VALUES (?, ?, ?)

GO
MERGE INTO GlobalProperties WITH (HOLDLOCK) AS t
USING (SELECT ? AS property, ? AS value) AS s ON t.property = s.property
WHEN MATCHED THEN UPDATE SET value = CAST(CAST(t.value AS BIGINT) + CAST(s.value AS BIGINT) AS VARCHAR(20))
WHEN NOT MATCHED THEN INSERT (property, value) VALUES (s.property, CAST(s.value AS VARCHAR(20)));

GO
MERGE INTO GlobalProperties WITH (HOLDLOCK) AS t
USING (SELECT ? AS property, ? AS value) AS s ON t.property = s.property
WHEN MATCHED THEN UPDATE SET value = s.value
WHEN NOT MATCHED THEN INSERT (property, value) VALUES (s.property, s.value);

GO
MERGE INTO GlobalProperties WITH (HOLDLOCK) AS t
USING (SELECT MAX(seq) AS seq FROM Changes HAVING MAX(seq) IS NOT NULL) AS s ON t.property = 10
WHEN MATCHED AND CAST(t.value AS BIGINT) < s.seq THEN UPDATE SET value = CAST(s.seq AS VARCHAR(20))
WHEN NOT MATCHED THEN INSERT (property, value) VALUES (10, CAST(s.seq AS VARCHAR(20)));

GO
MERGE INTO Metadata WITH (HOLDLOCK) AS t
USING (SELECT ? AS id, ? AS type, ? AS value, ? AS revision) AS s ON t.id = s.id AND t.type = s.type
WHEN MATCHED THEN UPDATE SET value = s.value, revision = s.revision
WHEN NOT MATCHED THEN INSERT (id, type, value, revision) VALUES (s.id, s.type, s.value, s.revision);

GO
MERGE INTO Metadata WITH (HOLDLOCK) AS t
USING (VALUES (?, ?, ?, 0)) AS s (id, type, value, revision) ON t.id = s.id AND t.type = s.type
WHEN MATCHED THEN UPDATE SET value = s.value, revision = s.revision
WHEN NOT MATCHED THEN INSERT (id, type, value, revision) VALUES (s.id, s.type, s.value, s.revision);

GO
MERGE INTO OrthancImagesKeyValueStores WITH (HOLDLOCK) AS t
USING (SELECT ? AS storeId, ? AS storeKey, ? AS value) AS s ON t.storeId = s.storeId AND t.storeKey = s.storeKey
WHEN MATCHED THEN UPDATE SET value = s.value
WHEN NOT MATCHED THEN INSERT (storeId, storeKey, value) VALUES (s.storeId, s.storeKey, s.value);

GO
MERGE INTO ServerProperties WITH (HOLDLOCK) AS t
USING (SELECT ? AS server, ? AS property, ? AS value) AS s ON t.server = s.server AND t.property = s.property
WHEN MATCHED THEN UPDATE SET value = CAST(CAST(t.value AS BIGINT) + CAST(s.value AS BIGINT) AS VARCHAR(20))
WHEN NOT MATCHED THEN INSERT (server, property, value) VALUES (s.server, s.property, CAST(s.value AS VARCHAR(20)));

GO
MERGE INTO ServerProperties WITH (HOLDLOCK) AS t
USING (SELECT ? AS server, ? AS property, ? AS value) AS s ON t.server = s.server AND t.property = s.property
WHEN MATCHED THEN UPDATE SET value = s.value
WHEN NOT MATCHED THEN INSERT (server, property, value) VALUES (s.server, s.property, s.value);

GO
SELECT 2147483647

GO
SELECT CASE WHEN APPLOCK_MODE('public', 'orthanc_index_lock', 'Session') = 'Exclusive' THEN 1 ELSE 0 END

GO
SELECT CASE WHEN APPLOCK_MODE('public', 'orthanc_setup_lock', 'Transaction') = 'Exclusive' THEN 1 ELSE 0 END

GO
SELECT CASE WHEN EXISTS (SELECT 1 FROM Resources WHERE parentId = ? AND internalId <> ?) THEN 1 ELSE 0 END

GO
SELECT CHARACTER_MAXIMUM_LENGTH FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = ? AND COLUMN_NAME = 'value'

GO
SELECT COALESCE(SUM(compressedSize), 0), COALESCE(SUM(uncompressedSize), 0) FROM AttachedFiles

GO
SELECT COUNT(*) FROM Changes WHERE seq = (SELECT MAX(seq) FROM Changes) AND internalId IN (1, 1, 1)

GO
SELECT COUNT(*) FROM OrthancImagesQueues WHERE queueId = ?

GO
SELECT COUNT(*) FROM PatientRecyclingOrder
WHERE patientId = ? AND seq = (SELECT MAX(seq) FROM PatientRecyclingOrder)

GO
SELECT COUNT(*) FROM PatientRecyclingOrder WHERE patientId = ?

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 0

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId JOIN DicomIdentifiers t0 ON t0.id = c3.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c3.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 0 AND r.publicId = ?

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?)) AND EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND NOT EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND NOT EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 1 AND NOT EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId)

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 2

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 2 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 2 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))))

GO
SELECT COUNT(*) FROM Resources r  WHERE r.resourceType = 3

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 0 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)

GO
SELECT COUNT(*) FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?)

GO
SELECT COUNT(*) FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\'

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId WHERE r.resourceType = 1 AND p0.publicId = ?

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId WHERE r.resourceType = 2 AND p0.publicId = ?

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN DicomIdentifiers t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId WHERE r.resourceType = 3 AND p0.publicId = ?

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 0 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?)))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?))

GO
SELECT COUNT(*) FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')

GO
SELECT COUNT(*) FROM sys.indexes
WHERE object_id = OBJECT_ID('Resources') AND name IN ('PublicIndex', 'OrthancImagesPublicIndex') AND is_unique = 1

GO
SELECT COUNT(*) FROM sys.tables WHERE object_id = OBJECT_ID('OrthancImagesAuditLogs')

GO
SELECT COUNT(*) FROM sys.tables WHERE object_id = OBJECT_ID('StorageArea')

GO
SELECT COUNT(*) FROM sys.tables WHERE object_id = OBJECT_ID(?)

GO
SELECT COUNT_BIG(*) FROM Resources WHERE resourceType = ?

GO
SELECT DATALENGTH(content) FROM StorageArea WHERE uuid = ? AND type = ?

GO
SELECT DATALENGTH(content), SUBSTRING(content, 1, CAST(? AS BIGINT))
FROM StorageArea WHERE uuid = ? AND type = ?

GO
SELECT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'StorageArea' AND COLUMN_NAME = 'content'

GO
SELECT DISTINCT c1.parentId, m.type, m.value FROM Resources c1 JOIN Metadata m ON m.id = c1.internalId
WHERE c1.parentId IN (1) AND m.type IN (1)

GO
SELECT DISTINCT c1.parentId, m.type, m.value FROM Resources c1 JOIN Metadata m ON m.id = c1.internalId
WHERE c1.parentId IN (1) AND m.type IN (1, 1)

GO
SELECT DISTINCT c1.parentId, m.type, m.value FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Metadata m ON m.id = c2.internalId
WHERE c1.parentId IN (1) AND m.type IN (1)

GO
SELECT DISTINCT c1.parentId, m.type, m.value FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Metadata m ON m.id = c2.internalId
WHERE c1.parentId IN (1) AND m.type IN (1, 1)

GO
SELECT DISTINCT c1.parentId, m.type, m.value FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId JOIN Metadata m ON m.id = c3.internalId
WHERE c1.parentId IN (1) AND m.type IN (1)

GO
SELECT DISTINCT c1.parentId, m.type, m.value FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId JOIN Metadata m ON m.id = c3.internalId
WHERE c1.parentId IN (1) AND m.type IN (1, 1)

GO
SELECT DISTINCT c1.parentId, t.tagGroup, t.tagElement, t.value FROM Resources c1 JOIN MainDicomTags t ON t.id = c1.internalId
WHERE c1.parentId IN (1) AND t.tagGroup * 65536 + t.tagElement IN (524384)

GO
SELECT DISTINCT c1.parentId, t.tagGroup, t.tagElement, t.value FROM Resources c1 JOIN MainDicomTags t ON t.id = c1.internalId
WHERE c1.parentId IN (1) AND t.tagGroup * 65536 + t.tagElement IN (524384, 524384)

GO
SELECT DISTINCT c1.parentId, t.tagGroup, t.tagElement, t.value FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t ON t.id = c2.internalId
WHERE c1.parentId IN (1) AND t.tagGroup * 65536 + t.tagElement IN (524384)

GO
SELECT DISTINCT c1.parentId, t.tagGroup, t.tagElement, t.value FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t ON t.id = c2.internalId
WHERE c1.parentId IN (1) AND t.tagGroup * 65536 + t.tagElement IN (524384, 524384)

GO
SELECT DISTINCT c1.parentId, t.tagGroup, t.tagElement, t.value FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId JOIN MainDicomTags t ON t.id = c3.internalId
WHERE c1.parentId IN (1) AND t.tagGroup * 65536 + t.tagElement IN (524384)

GO
SELECT DISTINCT c1.parentId, t.tagGroup, t.tagElement, t.value FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId JOIN MainDicomTags t ON t.id = c3.internalId
WHERE c1.parentId IN (1) AND t.tagGroup * 65536 + t.tagElement IN (524384, 524384)

GO
SELECT DISTINCT label FROM OrthancImagesLabels

GO
SELECT MAX(n.seq) FROM (
    SELECT MAX(seq) AS seq FROM Changes
    UNION ALL SELECT CAST(value AS BIGINT) FROM GlobalProperties WHERE property = 10) n

GO
SELECT MAX(revision) FROM OrthancImagesRevision

GO
SELECT MAX(seq) FROM Changes

GO
SELECT SUBSTRING(content, CAST(? AS BIGINT) + 1, CAST(? AS BIGINT))
FROM StorageArea WHERE uuid = ? AND type = ?

GO
SELECT TOP (1) id, value FROM OrthancImagesQueues WITH (UPDLOCK, READPAST, ROWLOCK)
WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?) ORDER BY id ASC

GO
SELECT TOP (1) id, value FROM OrthancImagesQueues WITH (UPDLOCK, READPAST, ROWLOCK)
WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?) ORDER BY id DESC

GO
SELECT TOP (1) patientId FROM PatientRecyclingOrder ORDER BY seq

GO
SELECT TOP (1) patientId FROM PatientRecyclingOrder WHERE patientId <> ? ORDER BY seq

GO
SELECT TOP (1) publicId FROM Resources GROUP BY publicId HAVING COUNT(*) > 1

GO
SELECT c.customData FROM AttachedFiles f
LEFT JOIN OrthancImagesCustomData c ON c.id = f.id AND c.fileType = f.fileType
WHERE f.uuid = ?

GO
SELECT c.seq, c.changeType, r.publicId, c.resourceType, c.date
FROM Changes c JOIN Resources r ON r.internalId = c.internalId
 ORDER BY c.seq ASC OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT c.seq, c.changeType, r.publicId, c.resourceType, c.date
FROM Changes c JOIN Resources r ON r.internalId = c.internalId
 ORDER BY c.seq DESC OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT c.seq, c.changeType, r.publicId, c.resourceType, c.date
FROM Changes c JOIN Resources r ON r.internalId = c.internalId
WHERE c.seq <= ? ORDER BY c.seq DESC OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT c.seq, c.changeType, r.publicId, c.resourceType, c.date
FROM Changes c JOIN Resources r ON r.internalId = c.internalId
WHERE c.seq > ? AND c.seq <= ? AND c.changeType IN (?, ?) ORDER BY c.seq ASC OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT c1.parentId, c1.publicId FROM Resources c1 WHERE c1.parentId IN (1)

GO
SELECT c1.parentId, c2.publicId FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId WHERE c1.parentId IN (1)

GO
SELECT c1.parentId, c3.publicId FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId WHERE c1.parentId IN (1)

GO
SELECT f.id, f.fileType, f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash,
       f.compressedHash, f.revision, c.customData
FROM AttachedFiles f LEFT JOIN OrthancImagesCustomData c ON c.id = f.id AND c.fileType = f.fileType
WHERE f.id IN (1)

GO
SELECT f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash, f.compressedHash,
       f.revision, c.customData
FROM AttachedFiles f LEFT JOIN OrthancImagesCustomData c ON c.id = f.id AND c.fileType = f.fileType
WHERE f.id = ? AND f.fileType = ?

GO
SELECT f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash, f.compressedHash,
       f.revision, c.customData, f.fileType
FROM AttachedFiles f LEFT JOIN OrthancImagesCustomData c ON c.id = f.id AND c.fileType = f.fileType
WHERE f.id IN (1, 1, 1)

GO
SELECT fileType FROM AttachedFiles WHERE id = ?

GO
SELECT internalId FROM Resources WHERE parentId = ?

GO
SELECT internalId FROM Resources WITH (XLOCK, ROWLOCK) WHERE internalId IN (1, 1, 1, 1) ORDER BY internalId

GO
SELECT internalId, publicId, resourceType FROM Resources WHERE publicId IN (?, ?, ?, ?) ORDER BY internalId

GO
SELECT internalId, resourceType FROM Resources WHERE publicId = ?

GO
SELECT internalId, resourceType, publicId FROM Resources WITH (XLOCK, ROWLOCK) WHERE parentId IN (0) ORDER BY internalId

GO
SELECT internalId, resourceType, publicId FROM Resources WITH (XLOCK, ROWLOCK) WHERE parentId IN (1) ORDER BY internalId

GO
SELECT l.id, l.label FROM OrthancImagesLabels l WHERE l.id IN (1)

GO
SELECT label FROM OrthancImagesLabels WHERE id = ?

GO
SELECT m.id, m.type, m.value, m.revision FROM Metadata m WHERE m.id IN (1)

GO
SELECT m.value FROM Resources c JOIN Metadata m ON m.id = c.internalId
WHERE c.parentId = ? AND m.type = ?

GO
SELECT o.parentId, o.internalId, o.publicId
FROM (SELECT c1.parentId AS parentId, c1.internalId AS internalId, c1.publicId AS publicId,
             ROW_NUMBER() OVER (PARTITION BY c1.parentId ORDER BY c1.internalId) AS place
      FROM Resources c1 WHERE c1.parentId IN (1)) o
WHERE o.place = 1

GO
SELECT o.parentId, o.internalId, o.publicId
FROM (SELECT c1.parentId AS parentId, c2.internalId AS internalId, c2.publicId AS publicId,
             ROW_NUMBER() OVER (PARTITION BY c1.parentId ORDER BY c2.internalId) AS place
      FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId WHERE c1.parentId IN (1)) o
WHERE o.place = 1

GO
SELECT o.parentId, o.internalId, o.publicId
FROM (SELECT c1.parentId AS parentId, c3.internalId AS internalId, c3.publicId AS publicId,
             ROW_NUMBER() OVER (PARTITION BY c1.parentId ORDER BY c3.internalId) AS place
      FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId WHERE c1.parentId IN (1)) o
WHERE o.place = 1

GO
SELECT parentId FROM Resources WHERE internalId = ?

GO
SELECT publicId FROM Resources WHERE internalId = ?

GO
SELECT publicId FROM Resources WHERE parentId = ?

GO
SELECT publicId FROM Resources WHERE resourceType = ?

GO
SELECT r.internalId, (SELECT COUNT(*) FROM Resources d1 JOIN Resources d2 ON d2.parentId = d1.internalId
 JOIN Resources d3 ON d3.parentId = d2.internalId WHERE d1.parentId = r.internalId) FROM Resources r WHERE r.internalId IN (1)

GO
SELECT r.internalId, (SELECT COUNT(*) FROM Resources d1 JOIN Resources d2 ON d2.parentId = d1.internalId WHERE d1.parentId = r.internalId) FROM Resources r WHERE r.internalId IN (1)

GO
SELECT r.internalId, (SELECT COUNT(*) FROM Resources d1 WHERE d1.parentId = r.internalId) FROM Resources r WHERE r.internalId IN (1)

GO
SELECT r.internalId, p0.internalId, p0.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId WHERE r.internalId IN (1)

GO
SELECT r.internalId, p1.internalId, p1.publicId, p0.internalId, p0.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId WHERE r.internalId IN (1)

GO
SELECT r.internalId, p2.internalId, p2.publicId, p1.internalId, p1.publicId, p0.internalId, p0.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId WHERE r.internalId IN (1)

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId JOIN DicomIdentifiers t0 ON t0.id = c3.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c3.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 AND r.publicId = ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 0 ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8 OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?)) AND EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN DicomIdentifiers t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId LEFT JOIN MainDicomTags t0 ON t0.id = c2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\')) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\')) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND NOT EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND NOT EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId AND l.label IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 AND NOT EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = r.internalId) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 1 ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 2 AND EXISTS (SELECT 1 FROM Resources c1 JOIN DicomIdentifiers t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r  WHERE r.resourceType = 2 AND EXISTS (SELECT 1 FROM Resources c1 LEFT JOIN MainDicomTags t0 ON t0.id = c1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE c1.parentId = r.internalId AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 0 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY COALESCE(TRY_CAST(t0.value AS BIGINT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY COALESCE(TRY_CAST(t0.value AS BIGINT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY COALESCE(TRY_CAST(t0.value AS FLOAT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY COALESCE(TRY_CAST(t0.value AS FLOAT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 0 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY COALESCE(TRY_CAST(t0.value AS BIGINT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY COALESCE(TRY_CAST(t0.value AS BIGINT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY COALESCE(TRY_CAST(t0.value AS FLOAT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY COALESCE(TRY_CAST(t0.value AS FLOAT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\' ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p0 ON p0.internalId = r.parentId WHERE r.resourceType = 1 AND p0.publicId = ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId JOIN Resources p0 ON p0.internalId = p1.parentId WHERE r.resourceType = 2 AND p0.publicId = ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p1 ON p1.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN DicomIdentifiers t0 ON t0.id = p2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN MainDicomTags t0 ON t0.id = p2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN DicomIdentifiers t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId LEFT JOIN DicomIdentifiers t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p0.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId JOIN Resources p0 ON p0.internalId = p1.parentId WHERE r.resourceType = 3 AND p0.publicId = ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId JOIN Resources p1 ON p1.internalId = p2.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p1.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r JOIN Resources p2 ON p2.internalId = r.parentId LEFT JOIN MainDicomTags t0 ON t0.id = p2.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 0 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 0 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS BIGINT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS BIGINT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS BIGINT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) DESC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS BIGINT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS FLOAT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS FLOAT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS FLOAT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) DESC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS FLOAT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN DicomIdentifiers t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS BIGINT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS BIGINT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS BIGINT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) DESC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS BIGINT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS BIGINT), 0) DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS FLOAT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS FLOAT), 0) ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS FLOAT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) DESC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t0.value AS FLOAT), 0) DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, COALESCE(TRY_CAST(t1.value AS FLOAT), 0) DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 1 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 DESC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 2 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 LEFT JOIN Metadata t1 ON t1.id = r.internalId AND t1.type = 7 WHERE r.resourceType = 3 ORDER BY CASE WHEN t0.value IS NULL THEN 1 ELSE 0 END, t0.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, CASE WHEN t1.value IS NULL THEN 1 ELSE 0 END, t1.value COLLATE Latin1_General_100_BIN2_UTF8 ASC, r.internalId OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 0 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?), LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?, ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 2 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN MainDicomTags t0 ON t0.id = r.internalId AND t0.tagGroup = 16 AND t0.tagElement = 32 WHERE r.resourceType = 3 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (LOWER(t0.value) = LOWER(?) AND LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 = LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR (t0.value = ? AND t0.value COLLATE Latin1_General_100_BIN2_UTF8 = ?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 <= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 >= LOWER(?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 IN (LOWER(?))) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR LOWER(t0.value) COLLATE Latin1_General_100_BIN2_UTF8 LIKE LOWER(?) ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 <= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 >= ?) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 IN (?)) ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.publicId FROM Resources r LEFT JOIN Metadata t0 ON t0.id = r.internalId AND t0.type = 1024 WHERE r.resourceType = 1 AND (t0.value IS NULL OR t0.value COLLATE Latin1_General_100_BIN2_UTF8 LIKE ? ESCAPE '\') ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8

GO
SELECT r.internalId, r.resourceType, p.publicId
FROM Resources r LEFT JOIN Resources p ON p.internalId = r.parentId
WHERE r.publicId = ?

GO
SELECT r.internalId, r.resourceType, r.publicId, p.internalId, p.resourceType, p.publicId,
       q.internalId, q.resourceType, q.publicId, s.internalId, s.resourceType, s.publicId
FROM Resources r
LEFT JOIN Resources p ON p.internalId = r.parentId
LEFT JOIN Resources q ON q.internalId = p.parentId
LEFT JOIN Resources s ON s.internalId = q.parentId
WHERE r.internalId = ?

GO
SELECT r.publicId FROM Resources r WHERE r.resourceType = ? ORDER BY r.publicId COLLATE Latin1_General_100_BIN2_UTF8 OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT resourceType FROM Resources WHERE internalId = ?

GO
SELECT resourceType, COUNT_BIG(*) FROM Resources GROUP BY resourceType

GO
SELECT s.storeKey, s.value FROM OrthancImagesKeyValueStores s WHERE s.storeId = ?  ORDER BY s.storeKey COLLATE Latin1_General_100_BIN2_UTF8 OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT s.storeKey, s.value FROM OrthancImagesKeyValueStores s WHERE s.storeId = ? AND s.storeKey COLLATE Latin1_General_100_BIN2_UTF8 > ? ORDER BY s.storeKey COLLATE Latin1_General_100_BIN2_UTF8 OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT seq, resourceType, publicId, remoteModality, patientId, studyInstanceUid, seriesInstanceUid, sopInstanceUid, date
FROM ExportedResources WHERE seq > ? ORDER BY seq ASC OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT seq, resourceType, publicId, remoteModality, patientId, studyInstanceUid, seriesInstanceUid, sopInstanceUid, date
FROM ExportedResources WHERE seq > ? ORDER BY seq DESC OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT t.id, t.tagGroup, t.tagElement, t.value FROM MainDicomTags t WHERE t.id IN (1)

GO
SELECT tagGroup, tagElement, value FROM MainDicomTags WHERE id = ?

GO
SELECT ts, sourcePlugin, userId, resourceType, resourceId, action, logData FROM OrthancImagesAuditLogs ORDER BY ts, id OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT ts, sourcePlugin, userId, resourceType, resourceId, action, logData FROM OrthancImagesAuditLogs WHERE userId = ? AND resourceId = ? AND action = ? AND ts >= ? AND ts < ? ORDER BY ts, id OFFSET ? ROWS FETCH NEXT ? ROWS ONLY

GO
SELECT type, value FROM Metadata WHERE id = ?

GO
SELECT value FROM GlobalProperties WHERE property = 1

GO
SELECT value FROM GlobalProperties WHERE property = 10

GO
SELECT value FROM GlobalProperties WHERE property = 4

GO
SELECT value FROM GlobalProperties WHERE property = ?

GO
SELECT value FROM OrthancImagesKeyValueStores WHERE storeId = ? AND storeKey = ?

GO
SELECT value FROM ServerProperties WHERE server = ? AND property = ?

GO
SELECT value, revision FROM Metadata WHERE id = ? AND type = ?

GO
UPDATE OrthancImagesQueues SET reservedUntil = ? WHERE queueId = ? AND id = ?
