-- The storage area on MySQL and MariaDB, for the plugins MySQL and Odbc: each file is in its row.

-- name: installed
SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'StorageArea'

-- name: install
CREATE TABLE StorageArea(
    uuid VARCHAR(64) NOT NULL PRIMARY KEY,
    content LONGBLOB NOT NULL,
    type INTEGER NOT NULL)

-- name: content-type
SELECT data_type FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'StorageArea' AND column_name = 'content'

-- name: expected-type
longblob

-- A row and a statement need some bytes of a packet beside the content.
-- name: limit
SELECT @@max_allowed_packet - 4096

-- name: read
SELECT SUBSTRING(content, ? + 1, ?) FROM StorageArea WHERE uuid = ? AND type = ?

-- name: read-first
SELECT LENGTH(content), SUBSTRING(content, 1, ?) FROM StorageArea WHERE uuid = ? AND type = ?

-- name: size
SELECT LENGTH(content) FROM StorageArea WHERE uuid = ? AND type = ?

-- name: limit-remedy
Raise max_allowed_packet of the server, 1 GB at most, or keep files elsewhere: set EnableStorage to false.
