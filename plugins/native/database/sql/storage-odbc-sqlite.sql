-- name: installed
SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND LOWER(name) = 'storagearea'

-- name: install
CREATE TABLE StorageArea(
    uuid VARCHAR(64) NOT NULL PRIMARY KEY,
    content BLOB NOT NULL,
    type INTEGER NOT NULL)

-- name: content-type
SELECT LOWER(type) FROM pragma_table_info('StorageArea') WHERE LOWER(name) = 'content'

-- name: expected-type
blob

-- SQLITE_MAX_LENGTH, less some bytes for the rest of the row.
-- name: limit
SELECT 999999000

-- name: read
SELECT SUBSTR(content, ? + 1, ?) FROM StorageArea WHERE uuid = ? AND type = ?

-- name: read-first
SELECT LENGTH(content), SUBSTR(content, 1, ?) FROM StorageArea WHERE uuid = ? AND type = ?

-- name: size
SELECT LENGTH(content) FROM StorageArea WHERE uuid = ? AND type = ?
