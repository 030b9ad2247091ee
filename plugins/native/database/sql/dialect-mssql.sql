-- SQL Server. What the names mean stands in dialect-postgresql.sql.

-- name: limits
OFFSET {1} ROWS FETCH NEXT {0} ROWS ONLY

-- name: by-bytes
{0} COLLATE Latin1_General_100_BIN2_UTF8

-- name: folded
LOWER({0})

-- name: equal
({0} = {1} AND {0} COLLATE Latin1_General_100_BIN2_UTF8 = {1})

-- name: at-most
{0} COLLATE Latin1_General_100_BIN2_UTF8 <= {1}

-- name: at-least
{0} COLLATE Latin1_General_100_BIN2_UTF8 >= {1}

-- name: like
{0} COLLATE Latin1_General_100_BIN2_UTF8 LIKE {1} ESCAPE '\'

-- name: among
{0} COLLATE Latin1_General_100_BIN2_UTF8 IN ({1})

-- name: specials
\%_[]

-- name: as-integer
COALESCE(TRY_CAST({0} AS BIGINT), 0)

-- name: as-float
COALESCE(TRY_CAST({0} AS FLOAT), 0)

-- name: order
CASE WHEN {0} IS NULL THEN 1 ELSE 0 END, {1} {2}

-- name: set-global-property
MERGE INTO GlobalProperties WITH (HOLDLOCK) AS t
USING (SELECT ? AS property, ? AS value) AS s ON t.property = s.property
WHEN MATCHED THEN UPDATE SET value = s.value
WHEN NOT MATCHED THEN INSERT (property, value) VALUES (s.property, s.value);

-- name: set-server-property
MERGE INTO ServerProperties WITH (HOLDLOCK) AS t
USING (SELECT ? AS server, ? AS property, ? AS value) AS s ON t.server = s.server AND t.property = s.property
WHEN MATCHED THEN UPDATE SET value = s.value
WHEN NOT MATCHED THEN INSERT (server, property, value) VALUES (s.server, s.property, s.value);

-- name: increment-global-property
MERGE INTO GlobalProperties WITH (HOLDLOCK) AS t
USING (SELECT ? AS property, ? AS value) AS s ON t.property = s.property
WHEN MATCHED THEN UPDATE SET value = CAST(CAST(t.value AS BIGINT) + CAST(s.value AS BIGINT) AS VARCHAR(20))
WHEN NOT MATCHED THEN INSERT (property, value) VALUES (s.property, CAST(s.value AS VARCHAR(20)));

-- name: increment-server-property
MERGE INTO ServerProperties WITH (HOLDLOCK) AS t
USING (SELECT ? AS server, ? AS property, ? AS value) AS s ON t.server = s.server AND t.property = s.property
WHEN MATCHED THEN UPDATE SET value = CAST(CAST(t.value AS BIGINT) + CAST(s.value AS BIGINT) AS VARCHAR(20))
WHEN NOT MATCHED THEN INSERT (server, property, value) VALUES (s.server, s.property, CAST(s.value AS VARCHAR(20)));

-- name: set-metadata
MERGE INTO Metadata WITH (HOLDLOCK) AS t
USING (SELECT ? AS id, ? AS type, ? AS value, ? AS revision) AS s ON t.id = s.id AND t.type = s.type
WHEN MATCHED THEN UPDATE SET value = s.value, revision = s.revision
WHEN NOT MATCHED THEN INSERT (id, type, value, revision) VALUES (s.id, s.type, s.value, s.revision);

-- name: add-label
INSERT INTO Labels (id, label)
SELECT s.id, s.label FROM (SELECT ? AS id, ? AS label) AS s
WHERE NOT EXISTS (SELECT 1 FROM Labels l WITH (UPDLOCK, HOLDLOCK) WHERE l.id = s.id AND l.label = s.label)

-- name: store-value
MERGE INTO KeyValueStores WITH (HOLDLOCK) AS t
USING (SELECT ? AS storeId, ? AS [key], ? AS value) AS s ON t.storeId = s.storeId AND t.[key] = s.[key]
WHEN MATCHED THEN UPDATE SET value = s.value
WHEN NOT MATCHED THEN INSERT (storeId, [key], value) VALUES (s.storeId, s.[key], s.value);

-- name: delete-value
DELETE FROM KeyValueStores WHERE storeId = ? AND [key] = ?

-- name: stored-value
SELECT value FROM KeyValueStores WHERE storeId = ? AND [key] = ?

-- name: stored-values
SELECT s.[key], s.value FROM KeyValueStores s WHERE s.storeId = {0} {2} ORDER BY {1} {3}

-- name: store-key
s.[key]

-- name: queue-front
SELECT TOP (1) id, value FROM Queues WITH (UPDLOCK, READPAST, ROWLOCK)
WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?) ORDER BY id ASC

-- name: queue-back
SELECT TOP (1) id, value FROM Queues WITH (UPDLOCK, READPAST, ROWLOCK)
WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?) ORDER BY id DESC
