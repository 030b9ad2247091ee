-- What the tables of the official plugin Odbc 1.3 and ours beside them need on every server; the statements of
-- schema/odbc.cc, and those of common.sql and of the dialects that have other tables here.

-- Making and checking the tables.

-- name: schema-version
SELECT value FROM GlobalProperties WHERE property = 1

-- name: patch-level
SELECT value FROM GlobalProperties WHERE property = 4

-- name: own-revision
SELECT MAX(revision) FROM OrthancImagesRevision

-- name: has-twins
SELECT publicId FROM Resources GROUP BY publicId HAVING COUNT(*) > 1

-- name: unique-index
CREATE UNIQUE INDEX OrthancImagesPublicIndex ON Resources(publicId)

-- Resources are made.

-- Values: four public ids. Columns: id, public id, level. The first of twins is the one that counts.
-- name: known-resources
SELECT internalId, publicId, resourceType FROM Resources WHERE publicId IN (?, ?, ?, ?) ORDER BY internalId

-- Values: the patient.
-- name: last-in-order
SELECT COUNT(*) FROM PatientRecyclingOrder
WHERE patientId = ? AND seq = (SELECT MAX(seq) FROM PatientRecyclingOrder)

-- name: leave-order
DELETE FROM PatientRecyclingOrder WHERE patientId = ?

-- name: enter-order
INSERT INTO PatientRecyclingOrder (patientId) VALUES (?)

-- name: in-order
SELECT COUNT(*) FROM PatientRecyclingOrder WHERE patientId = ?

-- name: first-in-order
SELECT patientId FROM PatientRecyclingOrder ORDER BY seq LIMIT 1

-- Values: the patient to leave out.
-- name: first-in-order-but
SELECT patientId FROM PatientRecyclingOrder WHERE patientId <> ? ORDER BY seq LIMIT 1

-- {0}: the values of the rows.
-- name: insert-main-tags
INSERT INTO MainDicomTags (id, tagGroup, tagElement, value) VALUES {0}

-- name: insert-identifiers
INSERT INTO DicomIdentifiers (id, tagGroup, tagElement, value) VALUES {0}

-- Resources are deleted. {0}: what follows the column of the id.

-- A resource and those above it. Columns: id, level and public id of each.
-- name: line
SELECT r.internalId, r.resourceType, r.publicId, p.internalId, p.resourceType, p.publicId,
       q.internalId, q.resourceType, q.publicId, s.internalId, s.resourceType, s.publicId
FROM Resources r
LEFT JOIN Resources p ON p.internalId = r.parentId
LEFT JOIN Resources q ON q.internalId = p.parentId
LEFT JOIN Resources s ON s.internalId = q.parentId
WHERE r.internalId = ?

-- Values: parent, child.
-- name: other-children
SELECT CASE WHEN EXISTS (SELECT 1 FROM Resources WHERE parentId = ? AND internalId <> ?) THEN 1 ELSE 0 END

-- Locks the resources, as long as the transaction lasts, so that nobody adds a child to them. Columns: id.
-- name: lock-resources
SELECT internalId FROM Resources WHERE internalId {0} ORDER BY internalId FOR UPDATE

-- The same for those below. Columns: id, level, public id.
-- name: lock-children
SELECT internalId, resourceType, publicId FROM Resources WHERE parentId {0} ORDER BY internalId FOR UPDATE

-- Columns: those of attachment, and the type.
-- name: lost-attachments
SELECT f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash, f.compressedHash,
       f.revision, c.customData, f.fileType
FROM AttachedFiles f LEFT JOIN OrthancImagesCustomData c ON c.id = f.id AND c.fileType = f.fileType
WHERE f.id {0}

-- name: loses-last-change
SELECT COUNT(*) FROM Changes WHERE seq = (SELECT MAX(seq) FROM Changes) AND internalId {0}

-- name: delete-resources
DELETE FROM Resources WHERE internalId {0}

-- Values: id, type.
-- name: delete-attachment
DELETE FROM AttachedFiles WHERE id = ? AND fileType = ?

-- How much there is.

-- name: levels
SELECT resourceType, COUNT(*) FROM Resources GROUP BY resourceType

-- name: sizes
SELECT COALESCE(SUM(compressedSize), 0), COALESCE(SUM(uncompressedSize), 0) FROM AttachedFiles

-- Values: level.
-- name: level
SELECT COUNT(*) FROM Resources WHERE resourceType = ?

-- {0}: the id of a resource.
-- name: descendants-1
(SELECT COUNT(*) FROM Resources d1 WHERE d1.parentId = {0})

-- name: descendants-2
(SELECT COUNT(*) FROM Resources d1 JOIN Resources d2 ON d2.parentId = d1.internalId WHERE d1.parentId = {0})

-- name: descendants-3
(SELECT COUNT(*) FROM Resources d1 JOIN Resources d2 ON d2.parentId = d1.internalId
 JOIN Resources d3 ON d3.parentId = d2.internalId WHERE d1.parentId = {0})

-- The number of the last change. That of one which is gone is in property 10, where the official plugin has it.

-- name: stored-last-change
SELECT value FROM GlobalProperties WHERE property = 10

-- name: greatest-change
SELECT MAX(seq) FROM Changes

-- name: clear-changes:2
DELETE FROM Changes

-- Attachments with custom data.

-- name: add-attachment
INSERT INTO AttachedFiles (id, fileType, uuid, compressedSize, uncompressedSize, compressionType, uncompressedHash,
                           compressedHash, revision)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- name: add-attachment:2
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, ?10 FROM AttachedFiles WHERE id = ?1 AND fileType = ?2 AND ?10 IS NOT NULL

-- name: attachment
SELECT f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash, f.compressedHash,
       f.revision, c.customData
FROM AttachedFiles f LEFT JOIN OrthancImagesCustomData c ON c.id = f.id AND c.fileType = f.fileType
WHERE f.id = ? AND f.fileType = ?

-- name: find-attachments
SELECT f.id, f.fileType, f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash,
       f.compressedHash, f.revision, c.customData
FROM AttachedFiles f LEFT JOIN OrthancImagesCustomData c ON c.id = f.id AND c.fileType = f.fileType
WHERE f.id {0}

-- name: custom-data
SELECT c.customData FROM AttachedFiles f
LEFT JOIN OrthancImagesCustomData c ON c.id = f.id AND c.fileType = f.fileType
WHERE f.uuid = ?

-- name: set-custom-data
DELETE FROM OrthancImagesCustomData
WHERE id IN (SELECT f.id FROM AttachedFiles f WHERE f.uuid = ?1)
  AND fileType IN (SELECT f.fileType FROM AttachedFiles f WHERE f.uuid = ?1)

-- name: set-custom-data:2
INSERT INTO OrthancImagesCustomData (id, fileType, customData)
SELECT id, fileType, ?2 FROM AttachedFiles WHERE uuid = ?1 AND ?2 IS NOT NULL

-- Labels.

-- name: add-label
INSERT INTO OrthancImagesLabels (id, label) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: remove-label
DELETE FROM OrthancImagesLabels WHERE id = ? AND label = ?

-- name: labels
SELECT label FROM OrthancImagesLabels WHERE id = ?

-- name: all-labels
SELECT DISTINCT label FROM OrthancImagesLabels

-- name: has-label
EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = {0} AND l.label IN ({1}))

-- name: has-labels
EXISTS (SELECT 1 FROM OrthancImagesLabels l WHERE l.id = {0})

-- name: find-labels
SELECT l.id, l.label FROM OrthancImagesLabels l WHERE l.id {0}

-- Stores of keys and values.

-- name: store-value
INSERT INTO OrthancImagesKeyValueStores (storeId, storeKey, value) VALUES (?, ?, ?)
ON CONFLICT (storeId, storeKey) DO UPDATE SET value = EXCLUDED.value

-- name: stored-values
SELECT s.storeKey, s.value FROM OrthancImagesKeyValueStores s WHERE s.storeId = {0} {2} ORDER BY {1} {3}
