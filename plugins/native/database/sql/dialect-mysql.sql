-- MySQL and MariaDB. What the names mean stands in dialect-postgresql.sql.
--
-- The columns compare without case: what is to be equal must be so in its bytes too, beside the condition that an index
-- serves.

-- name: limits
LIMIT {0} OFFSET {1}

-- name: by-bytes
CAST({0} AS BINARY)

-- LOWER folds the letters of all languages. In tis620, a character set with one byte for each character, only A to Z have
-- another case, so that the bytes of UTF-8 pass through it as they are.
-- name: folded
CONVERT(CAST(LOWER(CONVERT(CAST({0} AS BINARY) USING tis620)) AS BINARY) USING utf8mb4)

-- name: equal
({0} = {1} AND CAST({0} AS BINARY) = CAST({1} AS BINARY))

-- name: at-most
CAST({0} AS BINARY) <= CAST({1} AS BINARY)

-- name: at-least
CAST({0} AS BINARY) >= CAST({1} AS BINARY)

-- name: like
{0} COLLATE utf8mb4_bin LIKE {1} ESCAPE '\\'

-- name: among
CAST({0} AS BINARY) IN ({1})

-- name: specials
\%_

-- name: as-integer
CAST({0} AS SIGNED)

-- name: as-float
({0} + 0.0e0)

-- name: order
{0} IS NULL, {1} {2}

-- name: set-global-property
INSERT INTO GlobalProperties (property, value) VALUES (?, ?)
ON DUPLICATE KEY UPDATE value = VALUES(value)

-- name: set-server-property
INSERT INTO ServerProperties (server, property, value) VALUES (?, ?, ?)
ON DUPLICATE KEY UPDATE value = VALUES(value)

-- name: increment-global-property
INSERT INTO GlobalProperties (property, value) VALUES (?, ?)
ON DUPLICATE KEY UPDATE value = CAST(CAST(value AS SIGNED) + CAST(VALUES(value) AS SIGNED) AS CHAR)

-- name: increment-server-property
INSERT INTO ServerProperties (server, property, value) VALUES (?, ?, ?)
ON DUPLICATE KEY UPDATE value = CAST(CAST(value AS SIGNED) + CAST(VALUES(value) AS SIGNED) AS CHAR)

-- name: set-metadata
INSERT INTO Metadata (id, type, value, revision) VALUES (?, ?, ?, ?)
ON DUPLICATE KEY UPDATE value = VALUES(value), revision = VALUES(revision)

-- name: add-label
INSERT IGNORE INTO Labels (id, label) VALUES (?, ?)

-- name: store-value
INSERT INTO KeyValueStores (storeId, `key`, value) VALUES (?, ?, ?)
ON DUPLICATE KEY UPDATE value = VALUES(value)

-- name: delete-value
DELETE FROM KeyValueStores WHERE storeId = ? AND `key` = ?

-- name: stored-value
SELECT value FROM KeyValueStores WHERE storeId = ? AND `key` = ?

-- name: stored-values
SELECT s.`key`, s.value FROM KeyValueStores s WHERE s.storeId = {0} {2} ORDER BY {1} {3}

-- name: store-key
s.`key`

-- name: queue-front
SELECT id, value FROM Queues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id ASC LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: queue-back
SELECT id, value FROM Queues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED
