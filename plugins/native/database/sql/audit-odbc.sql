-- Audit logs of the plugin Odbc, in a table of our own. A time is a number of microseconds since 1970, in UTC.

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
