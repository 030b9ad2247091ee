-- What the official plugin lacks, on MySQL and MariaDB: tables and indexes of our own, which it ignores. The rows of
-- a resource go with it.

-- The labels of resources.
-- name: OrthancImagesLabels
CREATE TABLE IF NOT EXISTS OrthancImagesLabels(
    id BIGINT NOT NULL,
    label VARCHAR(255) NOT NULL,
    PRIMARY KEY (id, label),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE,
    INDEX OrthancImagesLabelsIndex (label)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- Custom data of attachments that are not empty; they go with the attachment.
-- name: OrthancImagesCustomData
CREATE TABLE IF NOT EXISTS OrthancImagesCustomData(
    id BIGINT NOT NULL,
    fileType INTEGER NOT NULL,
    customData LONGBLOB NOT NULL,
    PRIMARY KEY (id, fileType),
    FOREIGN KEY (id, fileType) REFERENCES AttachedFiles(id, fileType) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: OrthancImagesKeyValueStores
CREATE TABLE IF NOT EXISTS OrthancImagesKeyValueStores(
    storeId VARBINARY(512) NOT NULL,
    storeKey VARBINARY(2048) NOT NULL,
    value LONGBLOB NOT NULL,
    PRIMARY KEY (storeId, storeKey)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- A value is reserved until a time in seconds since 1970.
-- name: OrthancImagesQueues
CREATE TABLE IF NOT EXISTS OrthancImagesQueues(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    queueId VARBINARY(512) NOT NULL,
    value LONGBLOB NOT NULL,
    reservedUntil BIGINT,
    INDEX OrthancImagesQueuesIndex (queueId, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: OrthancImagesFilesIndex
CREATE INDEX OrthancImagesFilesIndex ON AttachedFiles(uuid)

-- name: OrthancImagesIdentifiersIndex
CREATE INDEX OrthancImagesIdentifiersIndex ON DicomIdentifiers(tagGroup, tagElement, value)

-- The revision of these tables: the last to be written.
-- name: OrthancImagesRevision
CREATE TABLE IF NOT EXISTS OrthancImagesRevision(
    revision INTEGER NOT NULL PRIMARY KEY) ENGINE = InnoDB

-- name: revision
INSERT INTO OrthancImagesRevision (revision) VALUES (1)
