-- name: audit-installed
SELECT COUNT(*) FROM sys.tables WHERE object_id = OBJECT_ID('OrthancImagesAuditLogs')

-- name: audit-install
CREATE TABLE OrthancImagesAuditLogs(
    id BIGINT IDENTITY PRIMARY KEY,
    ts BIGINT NOT NULL,
    sourcePlugin VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    userId VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    resourceType INTEGER NOT NULL,
    resourceId VARCHAR(64) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    action VARCHAR(MAX) COLLATE Latin1_General_100_BIN2_UTF8 NOT NULL,
    logData VARBINARY(MAX))

-- name: audit-index
CREATE INDEX AuditLogsTimes ON OrthancImagesAuditLogs(ts, id)

-- name: audit-page
ORDER BY ts, id OFFSET ? ROWS FETCH NEXT ? ROWS ONLY
