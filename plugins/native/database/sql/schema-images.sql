-- Key-value stores and queues, in tables that the official schemas of MySQL and Odbc lack.

-- name: delete-value
DELETE FROM OrthancImagesKeyValueStores WHERE storeId = ? AND storeKey = ?

-- name: stored-value
SELECT value FROM OrthancImagesKeyValueStores WHERE storeId = ? AND storeKey = ?

-- name: store-key
s.storeKey

-- name: enqueue
INSERT INTO OrthancImagesQueues (queueId, value) VALUES (?, ?)

-- name: queue-front
SELECT id, value FROM OrthancImagesQueues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id ASC LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: queue-back
SELECT id, value FROM OrthancImagesQueues WHERE queueId = ? AND (reservedUntil IS NULL OR reservedUntil <= ?)
ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: delete-queue-value
DELETE FROM OrthancImagesQueues WHERE queueId = ? AND id = ?

-- name: queue-size
SELECT COUNT(*) FROM OrthancImagesQueues WHERE queueId = ?

-- name: reserve-queue-value
UPDATE OrthancImagesQueues SET reservedUntil = ?3 WHERE queueId = ?1 AND id = ?2

-- name: acknowledge-queue-value
DELETE FROM OrthancImagesQueues WHERE queueId = ? AND id = ? AND reservedUntil > ?
