-- The storage area of the plugin PostgreSQL: one large object for each file, which the rule deletes with its row.

-- name: installed
SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'storagearea'

-- name: install
CREATE TABLE StorageArea(
    uuid VARCHAR NOT NULL PRIMARY KEY,
    content OID NOT NULL,
    type INTEGER NOT NULL)

-- name: content-type
SELECT data_type FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = 'storagearea' AND column_name = 'content'

-- name: expected-type
oid

-- A dump that was restored without rules lacks it.
-- name: rule-installed
SELECT COUNT(*) FROM pg_rules
WHERE schemaname = current_schema() AND tablename = 'storagearea' AND rulename = 'storageareadelete'

-- name: install-rule
CREATE RULE StorageAreaDelete AS ON DELETE TO StorageArea DO SELECT lo_unlink(old.content)

-- name: create
INSERT INTO StorageArea(uuid, content, type)
VALUES (?, lo_from_bytea(0, ?), CAST(CAST(? AS BIGINT) AS INTEGER))

-- name: append
SELECT lo_put(content, ?, ?) FROM StorageArea WHERE uuid = ? AND type = ?

-- The numbers are the largest offset of a large object, and that for reading (INV_READ) and from its end (SEEK_END).
-- name: read
SELECT lo_get(content, LEAST(CAST(? AS BIGINT), 4398046509056), CAST(CAST(? AS BIGINT) AS INTEGER))
FROM StorageArea WHERE uuid = ? AND type = ?

-- name: read-first
SELECT lo_lseek64(lo_open(content, 262144), 0, 2), lo_get(content, 0, CAST(CAST(? AS BIGINT) AS INTEGER))
FROM StorageArea WHERE uuid = ? AND type = ?

-- name: size
SELECT lo_lseek64(lo_open(content, 262144), 0, 2) FROM StorageArea WHERE uuid = ? AND type = ?

-- name: remove
DELETE FROM StorageArea WHERE uuid = ? AND type = ?

-- name: lock-setup
SELECT CAST(pg_try_advisory_lock(44) AS INTEGER)

-- name: unlock-setup
SELECT CAST(pg_advisory_unlock(44) AS INTEGER)

-- name: lock
SELECT CAST(pg_try_advisory_lock(43) AS INTEGER)
