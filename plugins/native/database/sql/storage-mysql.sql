-- The storage area of the plugin MySQL: each file is in its row.

-- name: create
INSERT INTO StorageArea(uuid, content, type) VALUES (?, ?, ?)

-- name: remove
DELETE FROM StorageArea WHERE uuid = ? AND type = ?

-- Locks belong to the server, so that their names have that of the database.
-- name: lock-setup
SELECT GET_LOCK(CONCAT(DATABASE(), '.orthanc_setup_lock'), 0)

-- name: unlock-setup
SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.orthanc_setup_lock'))

-- name: lock
SELECT GET_LOCK(CONCAT(DATABASE(), '.orthanc_storage_lock'), 0)
