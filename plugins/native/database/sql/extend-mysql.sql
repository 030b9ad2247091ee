-- What this plugin has, and the official one does not: tables of our own, each only if it is missing. Those that belong
-- to a resource go with it, also when the official plugin deletes it.

-- One row, which is the last thing that an installation writes. It is also what those lock who create resources,
-- where two resources have one public id, so that there can be no unique index.
-- name: create_schema
CREATE TABLE IF NOT EXISTS OrthancImagesSchema (
    version INTEGER NOT NULL PRIMARY KEY
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- The revisions of metadata that are not 0. Overwritten or deleted by the official plugin, they are 0.
-- name: create_metadata_revisions
CREATE TABLE IF NOT EXISTS OrthancImagesMetadata (
    id BIGINT NOT NULL,
    type INTEGER NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (id, type),
    CONSTRAINT OrthancImagesMetadata1 FOREIGN KEY (id, type) REFERENCES Metadata (id, type) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- The revisions of attachments that are not 0, and custom data that are not empty.
-- name: create_attachments
CREATE TABLE IF NOT EXISTS OrthancImagesAttachments (
    id BIGINT NOT NULL,
    fileType INTEGER NOT NULL,
    revision BIGINT NOT NULL,
    customData LONGBLOB,
    PRIMARY KEY (id, fileType),
    CONSTRAINT OrthancImagesAttachments1 FOREIGN KEY (id, fileType) REFERENCES AttachedFiles (id, fileType)
        ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_stores
CREATE TABLE IF NOT EXISTS OrthancImagesKeyValueStores (
    storeId VARBINARY(512) NOT NULL,
    storeKey VARBINARY(2048) NOT NULL,
    value LONGBLOB NOT NULL,
    PRIMARY KEY (storeId, storeKey)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_queues
CREATE TABLE IF NOT EXISTS OrthancImagesQueues (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    queueId VARBINARY(512) NOT NULL,
    value LONGBLOB NOT NULL,
    reservedUntil BIGINT,
    KEY QueuesIndex (queueId, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- `ts` is in UTC.
-- name: create_audit_logs
CREATE TABLE IF NOT EXISTS OrthancImagesAuditLogs (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ts DATETIME(6) NOT NULL,
    sourcePlugin VARCHAR(512) NOT NULL,
    userId VARCHAR(512) NOT NULL,
    resourceType INTEGER NOT NULL,
    resourceId VARCHAR(64) NOT NULL,
    action VARCHAR(512) NOT NULL,
    logData LONGBLOB,
    KEY AuditLogsTime (ts),
    KEY AuditLogsUserId (userId),
    KEY AuditLogsResourceId (resourceId),
    KEY AuditLogsAction (action),
    KEY AuditLogsSourcePlugin (sourcePlugin)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- How many resources there are, and how large their attachments: the sum of all rows. Each session adds to a row that
-- it has nearly for itself (by its number, modulo 256), so that nobody waits for another. Row -1 has what was there
-- before anybody counted.
-- name: create_statistics
CREATE TABLE IF NOT EXISTS OrthancImagesStatistics (
    slot INTEGER NOT NULL PRIMARY KEY,
    patients BIGINT NOT NULL DEFAULT 0,
    studies BIGINT NOT NULL DEFAULT 0,
    series BIGINT NOT NULL DEFAULT 0,
    instances BIGINT NOT NULL DEFAULT 0,
    compressed BIGINT NOT NULL DEFAULT 0,
    uncompressed BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
