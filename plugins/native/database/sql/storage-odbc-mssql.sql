-- name: installed
SELECT COUNT(*) FROM sys.tables WHERE object_id = OBJECT_ID('StorageArea')

-- name: install
CREATE TABLE StorageArea(
    uuid VARCHAR(64) NOT NULL PRIMARY KEY,
    content VARBINARY(MAX) NOT NULL,
    type INTEGER NOT NULL)

-- name: content-type
SELECT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'StorageArea' AND COLUMN_NAME = 'content'

-- name: expected-type
varbinary

-- name: limit
SELECT 2147483647

-- name: read
SELECT SUBSTRING(content, CAST(? AS BIGINT) + 1, CAST(? AS BIGINT))
FROM StorageArea WHERE uuid = ? AND type = ?

-- name: read-first
SELECT DATALENGTH(content), SUBSTRING(content, 1, CAST(? AS BIGINT))
FROM StorageArea WHERE uuid = ? AND type = ?

-- name: size
SELECT DATALENGTH(content) FROM StorageArea WHERE uuid = ? AND type = ?
