-- Audit logs of the plugin PostgreSQL, in its table AuditLogs. A time is a number of microseconds since 1970 here, and
-- in UTC in the table, whose type has no zone.

-- name: audit-installed
SELECT COUNT(*) FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = 'auditlogs' AND indexname = 'auditlogstimes'

-- name: audit-install
CREATE INDEX IF NOT EXISTS AuditLogsTimes ON AuditLogs(ts)

-- name: audit-add
INSERT INTO AuditLogs(ts, sourcePlugin, userId, resourceType, resourceId, action, logData)
VALUES (TIMESTAMP 'epoch' + CAST(? AS BIGINT) * INTERVAL '1 microsecond', ?, ?, CAST(CAST(? AS BIGINT) AS INTEGER),
        ?, ?, ?)

-- name: audit-find
SELECT CAST(EXTRACT(EPOCH FROM ts) * 1000000 AS BIGINT), sourcePlugin, userId, resourceType, resourceId, action,
       logData
FROM AuditLogs

-- name: audit-from
ts >= TIMESTAMP 'epoch' + CAST(? AS BIGINT) * INTERVAL '1 microsecond'

-- name: audit-to
ts < TIMESTAMP 'epoch' + CAST(? AS BIGINT) * INTERVAL '1 microsecond'

-- name: audit-user
userId = ?

-- name: audit-resource
resourceId = ?

-- name: audit-action
action = ?

-- name: audit-page
ORDER BY ts, ctid OFFSET CAST(? AS BIGINT) LIMIT CAST(? AS BIGINT)
