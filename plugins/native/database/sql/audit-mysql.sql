-- Audit logs of the plugin MySQL, in a table of our own. A time is a number of microseconds since 1970, in UTC.

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
    INDEX AuditLogsTimes(ts, id),
    INDEX AuditLogsUsers(userId(64), ts),
    INDEX AuditLogsResources(resourceId, ts),
    INDEX AuditLogsActions(action(64), ts)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: audit-add
INSERT INTO OrthancImagesAuditLogs(ts, sourcePlugin, userId, resourceType, resourceId, action, logData)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: audit-find
SELECT ts, sourcePlugin, userId, resourceType, resourceId, action, logData FROM OrthancImagesAuditLogs

-- name: audit-from
ts >= ?

-- name: audit-to
ts < ?

-- name: audit-user
userId = ?

-- name: audit-resource
resourceId = ?

-- name: audit-action
action = ?

-- name: audit-page
ORDER BY ts, id LIMIT ?, ?
