-- SQLite. What the names mean stands in dialect-postgresql.sql.
--
-- Texts compare by their bytes. LIKE needs the pragma case_sensitive_like, which each connection sets.

-- name: limits
LIMIT {0} OFFSET {1}

-- name: by-bytes
{0}

-- name: folded
lower({0})

-- name: equal
{0} = {1}

-- name: at-most
{0} <= {1}

-- name: at-least
{0} >= {1}

-- name: like
{0} LIKE {1} ESCAPE '\'

-- name: among
{0} IN ({1})

-- name: specials
\%_

-- name: as-integer
CAST({0} AS INTEGER)

-- name: as-float
CAST({0} AS REAL)

-- name: order
{0} IS NULL, {1} {2}

-- name: set-global-property
INSERT INTO GlobalProperties (property, value) VALUES (?, ?)
ON CONFLICT (property) DO UPDATE SET value = excluded.value

-- name: set-server-property
INSERT INTO ServerProperties (server, property, value) VALUES (?, ?, ?)
ON CONFLICT (server, property) DO UPDATE SET value = excluded.value

-- name: increment-global-property
INSERT INTO GlobalProperties (property, value) VALUES (?, CAST(? AS TEXT))
ON CONFLICT (property) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + CAST(excluded.value AS INTEGER) AS TEXT)

-- name: increment-server-property
INSERT INTO ServerProperties (server, property, value) VALUES (?, ?, CAST(? AS TEXT))
ON CONFLICT (server, property)
DO UPDATE SET value = CAST(CAST(value AS INTEGER) + CAST(excluded.value AS INTEGER) AS TEXT)

-- name: set-metadata
INSERT INTO Metadata (id, type, value, revision) VALUES (?, ?, ?, ?)
ON CONFLICT (id, type) DO UPDATE SET value = excluded.value, revision = excluded.revision

-- name: add-label
INSERT INTO Labels (id, label) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: store-value
INSERT INTO KeyValueStores (storeId, key, value) VALUES (?, ?, ?)
ON CONFLICT (storeId, key) DO UPDATE SET value = excluded.value

-- name: queue-front
SELECT id, value FROM Queues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id ASC LIMIT 1

-- name: queue-back
SELECT id, value FROM Queues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id DESC LIMIT 1
