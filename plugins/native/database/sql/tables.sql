-- What must be there of each schema, on every server: asked for at the start, when somebody may have changed it.

-- name: GlobalProperties
SELECT property, value FROM GlobalProperties WHERE 1 = 0

-- name: ServerProperties
SELECT server, property, value FROM ServerProperties WHERE 1 = 0

-- name: Resources
SELECT internalId, resourceType, publicId, parentId FROM Resources WHERE 1 = 0

-- name: MainDicomTags
SELECT id, tagGroup, tagElement, value FROM MainDicomTags WHERE 1 = 0

-- name: DicomIdentifiers
SELECT id, tagGroup, tagElement, value FROM DicomIdentifiers WHERE 1 = 0

-- name: Metadata
SELECT id, type, value FROM Metadata WHERE 1 = 0

-- name: AttachedFiles
SELECT id, fileType, uuid, compressedSize, uncompressedSize, compressionType, uncompressedHash, compressedHash
FROM AttachedFiles WHERE 1 = 0

-- name: Changes
SELECT seq, changeType, internalId, resourceType, date FROM Changes WHERE 1 = 0

-- name: ExportedResources
SELECT seq, resourceType, publicId, remoteModality, patientId, studyInstanceUid, seriesInstanceUid, sopInstanceUid, date
FROM ExportedResources WHERE 1 = 0
