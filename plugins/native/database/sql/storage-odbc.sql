-- The storage area of the plugin Odbc: each file is in its row. What servers share.

-- name: create
INSERT INTO StorageArea(uuid, content, type) VALUES (?, ?, ?)

-- name: remove
DELETE FROM StorageArea WHERE uuid = ? AND type = ?
