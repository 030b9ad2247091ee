-- PostgreSQL. The other dialects have the same names; what they mean stands here.
--
-- Texts compare by their bytes. The database's collation is one that tells all texts apart, so that = and LIKE do by
-- themselves; what sorts or folds says COLLATE "C".

-- Fragments.

-- {0}: how many; {1}: how many are passed over. Stands after ORDER BY.
-- name: limits
LIMIT {0} OFFSET {1}

-- {0}: a text, as what to order or to compare by.
-- name: by-bytes
{0} COLLATE "C"

-- {0}: a text, with the letters A to Z as a to z.
-- name: folded
lower({0} COLLATE "C")

-- {0}: a text; {1}: another.
-- name: equal
{0} = {1}

-- name: at-most
{0} COLLATE "C" <= {1}

-- name: at-least
{0} COLLATE "C" >= {1}

-- {1}: a pattern, in which \ stands before what is no wildcard.
-- name: like
{0} LIKE {1} ESCAPE '\'

-- {1}: texts, between commas.
-- name: among
{0} IN ({1})

-- The characters of a pattern before which \ must stand.
-- name: specials
\%_

-- {0}: a text, as the whole number that it begins with; 0 where it begins with none, NULL for NULL. Never fails.
-- name: as-integer
CASE WHEN {0} IS NOT NULL
     THEN COALESCE(CAST(substring({0} FROM '^\s*((?:[+-]|)[0-9]+)') AS NUMERIC), 0) END

-- The same for a number with a point and an exponent.
-- name: as-float
CASE WHEN {0} IS NOT NULL
     THEN COALESCE(CAST(substring({0} FROM '^\s*((?:[+-]|)(?:[0-9]+(?:\.[0-9]*|)|\.[0-9]+)(?:[eE](?:[+-]|)[0-9][0-9]?(?![0-9])|))')
               AS NUMERIC), 0) END

-- {0}: the text that is ordered by; {1}: the same or a number made from it; {2}: ASC or DESC. NULL comes last.
-- name: order
{1} {2} NULLS LAST

-- Statements.

-- Values: property, value.
-- name: set-global-property
INSERT INTO GlobalProperties (property, value) VALUES (?, ?)
ON CONFLICT (property) DO UPDATE SET value = EXCLUDED.value

-- Values: server, property, value.
-- name: set-server-property
INSERT INTO ServerProperties (server, property, value) VALUES (?, ?, ?)
ON CONFLICT (server, property) DO UPDATE SET value = EXCLUDED.value

-- Adds to a property, which begins with 0. Values: property, increment.
-- name: increment-global-property
INSERT INTO GlobalProperties AS p (property, value) VALUES (?, CAST(CAST(? AS BIGINT) AS TEXT))
ON CONFLICT (property) DO UPDATE SET value = CAST(CAST(p.value AS BIGINT) + CAST(EXCLUDED.value AS BIGINT) AS TEXT)

-- Values: server, property, increment.
-- name: increment-server-property
INSERT INTO ServerProperties AS p (server, property, value) VALUES (?, ?, CAST(CAST(? AS BIGINT) AS TEXT))
ON CONFLICT (server, property)
DO UPDATE SET value = CAST(CAST(p.value AS BIGINT) + CAST(EXCLUDED.value AS BIGINT) AS TEXT)

-- Values: id, type, value, revision.
-- name: set-metadata
INSERT INTO Metadata (id, type, value, revision) VALUES (?, ?, ?, ?)
ON CONFLICT (id, type) DO UPDATE SET value = EXCLUDED.value, revision = EXCLUDED.revision

-- Values: id, label. One that is there already is no error.
-- name: add-label
INSERT INTO Labels (id, label) VALUES (?, ?) ON CONFLICT DO NOTHING

-- Values: store, key, value.
-- name: store-value
INSERT INTO KeyValueStores (storeId, key, value) VALUES (?, ?, ?)
ON CONFLICT (storeId, key) DO UPDATE SET value = EXCLUDED.value

-- The oldest value that is free, locked until the end of the transaction; those that others have locked are passed over.
-- Values: queue, now. Columns: id, value.
-- name: queue-front
SELECT id, value FROM Queues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id ASC LIMIT 1 FOR UPDATE SKIP LOCKED

-- The newest one.
-- name: queue-back
SELECT id, value FROM Queues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED
