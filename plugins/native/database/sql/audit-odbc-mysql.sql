-- name: audit-installed
SELECT COUNT(*) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name = 'OrthancImagesAuditLogs'

-- name: audit-install
CREATE TABLE IF NOT EXISTS OrthancImagesAuditLogs(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ts BIGINT NOT NULL,
    sourcePlugin TEXT NOT NULL,
    userId TEXT NOT NULL,
    resourceType INTEGER NOT NULL,
    resourceId VARCHAR(64) NOT NULL,
    action TEXT NOT NULL,
    logData LONGBLOB,
    INDEX AuditLogsTimes(ts, id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: audit-page
ORDER BY ts, id LIMIT ?, ?
