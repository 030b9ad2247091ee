-- name: audit-installed
SELECT COUNT(*) FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = 'orthancimagesauditlogs' AND indexname = 'auditlogstimes'

-- name: audit-install
CREATE TABLE IF NOT EXISTS OrthancImagesAuditLogs(
    id BIGSERIAL PRIMARY KEY,
    ts BIGINT NOT NULL,
    sourcePlugin TEXT NOT NULL,
    userId TEXT NOT NULL,
    resourceType INTEGER NOT NULL,
    resourceId VARCHAR(64) NOT NULL,
    action TEXT NOT NULL,
    logData BYTEA)

-- name: audit-index
CREATE INDEX IF NOT EXISTS AuditLogsTimes ON OrthancImagesAuditLogs(ts, id)

-- name: audit-page
ORDER BY ts, id OFFSET ? LIMIT ?
