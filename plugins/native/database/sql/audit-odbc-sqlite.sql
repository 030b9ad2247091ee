-- name: audit-installed
SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name = 'AuditLogsTimes'

-- name: audit-install
CREATE TABLE IF NOT EXISTS OrthancImagesAuditLogs(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ts BIGINT NOT NULL,
    sourcePlugin TEXT NOT NULL,
    userId TEXT NOT NULL,
    resourceType INTEGER NOT NULL,
    resourceId VARCHAR(64) NOT NULL,
    action TEXT NOT NULL,
    logData BLOB)

-- name: audit-index
CREATE INDEX IF NOT EXISTS AuditLogsTimes ON OrthancImagesAuditLogs(ts, id)

-- name: audit-page
ORDER BY ts, id LIMIT ?, ?
