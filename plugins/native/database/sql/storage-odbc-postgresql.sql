-- name: installed
SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'storagearea'

-- name: install
CREATE TABLE StorageArea(
    uuid VARCHAR(64) NOT NULL PRIMARY KEY,
    content BYTEA NOT NULL,
    type INTEGER NOT NULL)

-- Not compressed, a part of a value can be read without the rest.
-- name: install-rule
ALTER TABLE StorageArea ALTER COLUMN content SET STORAGE EXTERNAL

-- name: content-type
SELECT data_type FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = 'storagearea' AND column_name = 'content'

-- name: expected-type
bytea

-- The largest message of the protocol, where each byte takes two characters.
-- name: limit
SELECT 500000000

-- name: read
SELECT SUBSTRING(content FROM CAST(LEAST(CAST(? AS BIGINT), 2147483640) AS INTEGER) + 1
                 FOR CAST(CAST(? AS BIGINT) AS INTEGER))
FROM StorageArea WHERE uuid = ? AND type = ?

-- name: read-first
SELECT OCTET_LENGTH(content), SUBSTRING(content FROM 1 FOR CAST(CAST(? AS BIGINT) AS INTEGER))
FROM StorageArea WHERE uuid = ? AND type = ?

-- name: size
SELECT OCTET_LENGTH(content) FROM StorageArea WHERE uuid = ? AND type = ?
