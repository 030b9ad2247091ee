-- What the official plugin lacks, on SQLite: tables and indexes of our own, which it ignores. The rows of
-- a resource go with it.

-- The labels of resources.
-- name: OrthancImagesLabels
CREATE TABLE OrthancImagesLabels(
    id BIGINT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (id, label),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

-- name: OrthancImagesLabelsIndex
CREATE INDEX OrthancImagesLabelsIndex ON OrthancImagesLabels(label)

-- Custom data of attachments that are not empty; they go with the attachment.
-- name: OrthancImagesCustomData
CREATE TABLE OrthancImagesCustomData(
    id BIGINT NOT NULL,
    fileType INTEGER NOT NULL,
    customData BLOB NOT NULL,
    PRIMARY KEY (id, fileType),
    FOREIGN KEY (id, fileType) REFERENCES AttachedFiles(id, fileType) ON DELETE CASCADE)

-- name: OrthancImagesKeyValueStores
CREATE TABLE OrthancImagesKeyValueStores(
    storeId TEXT NOT NULL,
    storeKey TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (storeId, storeKey))

-- A value is reserved until a time in seconds since 1970.
-- name: OrthancImagesQueues
CREATE TABLE OrthancImagesQueues(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queueId TEXT NOT NULL,
    value BLOB NOT NULL,
    reservedUntil BIGINT)

-- name: OrthancImagesQueuesIndex
CREATE INDEX OrthancImagesQueuesIndex ON OrthancImagesQueues(queueId, id)

-- name: OrthancImagesFilesIndex
CREATE INDEX OrthancImagesFilesIndex ON AttachedFiles(uuid)

-- name: OrthancImagesIdentifiersIndex
CREATE INDEX OrthancImagesIdentifiersIndex ON DicomIdentifiers(tagGroup, tagElement, value)

-- The revision of these tables: the last to be written.
-- name: OrthancImagesRevision
CREATE TABLE OrthancImagesRevision(
    revision INTEGER NOT NULL PRIMARY KEY)

-- name: revision
INSERT INTO OrthancImagesRevision (revision) VALUES (1)
