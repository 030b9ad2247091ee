-- Audit logs of the plugin MySQL, in a table of our own (extend-mysql.sql). A time is a number of microseconds since 1970
-- here, and in UTC in the table, whose type has no zone.

-- name: audit-add
INSERT INTO OrthancImagesAuditLogs(ts, sourcePlugin, userId, resourceType, resourceId, action, logData)
VALUES (TIMESTAMPADD(MICROSECOND, ?, TIMESTAMP '1970-01-01 00:00:00'), ?, ?, ?, ?, ?, ?)

-- name: audit-find
SELECT TIMESTAMPDIFF(MICROSECOND, TIMESTAMP '1970-01-01 00:00:00', ts), sourcePlugin, userId, resourceType, resourceId,
       action, logData
FROM OrthancImagesAuditLogs

-- name: audit-from
ts >= TIMESTAMPADD(MICROSECOND, ?, TIMESTAMP '1970-01-01 00:00:00')

-- name: audit-to
ts < TIMESTAMPADD(MICROSECOND, ?, TIMESTAMP '1970-01-01 00:00:00')

-- name: audit-user
userId = ?

-- name: audit-resource
resourceId = ?

-- name: audit-action
action = ?

-- name: audit-page
ORDER BY ts, id LIMIT ?, ?
