-- What holds for every schema, where its tables are those of the schema of PostgreSQL. The values of each statement, and
-- its columns where the names do not tell, stand before it.
--
-- To be overridden by a schema file:
--   without a column `revision`         attachment, find-attachments, add-attachment, metadata, find-metadata,
--   or `customData`                     set-metadata (dialect), delete-metadata, custom-data, set-custom-data
--   with labels in another table        remove-label, labels, all-labels, find-labels, has-label, has-labels,
--                                       add-label (dialect)
--   with stores in other tables         delete-value, stored-value, stored-values, store-value (dialect)
--   with queues in other tables         enqueue, queue-front and queue-back (dialect), delete-queue-value, queue-size,
--                                       reserve-queue-value, acknowledge-queue-value
--   always                              last-change-index
--   where the server reserves a name    whatever has it (`key` on MySQL and SQL Server)
--   where texts compare without case    resource, resource-and-parent, server-property and all others with texts in
--                                       conditions; find-children-metadata and find-children-tags (DISTINCT)
--
-- To be given by each dialect: see dialect-postgresql.sql.

-- name: ping
SELECT 1

-- Properties. A property of no server is global.

-- name: database-version
SELECT value FROM GlobalProperties WHERE property = 1

-- Values: property.
-- name: global-property
SELECT value FROM GlobalProperties WHERE property = ?

-- Values: server, property.
-- name: server-property
SELECT value FROM ServerProperties WHERE server = ? AND property = ?

-- Resources.

-- Values: level.
-- name: public-ids
SELECT publicId FROM Resources WHERE resourceType = ?

-- {0}: level; {1}: the text to order by; {2}: the limits.
-- name: public-ids-page
SELECT r.publicId FROM Resources r WHERE r.resourceType = {0} ORDER BY {1} {2}

-- Values: id.
-- name: public-id
SELECT publicId FROM Resources WHERE internalId = ?

-- Values: id.
-- name: resource-type
SELECT resourceType FROM Resources WHERE internalId = ?

-- Values: id.
-- name: parent
SELECT parentId FROM Resources WHERE internalId = ?

-- Values: public id. Columns: id, level.
-- name: resource
SELECT internalId, resourceType FROM Resources WHERE publicId = ?

-- Values: public id. Columns: id, level, the parent's public id.
-- name: resource-and-parent
SELECT r.internalId, r.resourceType, p.publicId
FROM Resources r LEFT JOIN Resources p ON p.internalId = r.parentId
WHERE r.publicId = ?

-- Values: id.
-- name: children-ids
SELECT internalId FROM Resources WHERE parentId = ?

-- Values: id.
-- name: children-public-ids
SELECT publicId FROM Resources WHERE parentId = ?

-- Tags.

-- Values: id.
-- name: main-tags
SELECT tagGroup, tagElement, value FROM MainDicomTags WHERE id = ?

-- Values: id.
-- name: clear-tags
DELETE FROM MainDicomTags WHERE id = ?

-- name: clear-tags:2
DELETE FROM DicomIdentifiers WHERE id = ?

-- Metadata.

-- Values: id, type. Columns: value, revision.
-- name: metadata
SELECT value, revision FROM Metadata WHERE id = ? AND type = ?

-- Values: id. Columns: type, value.
-- name: all-metadata
SELECT type, value FROM Metadata WHERE id = ?

-- Values: id, type.
-- name: delete-metadata
DELETE FROM Metadata WHERE id = ? AND type = ?

-- Values: id, type.
-- name: children-metadata
SELECT m.value FROM Resources c JOIN Metadata m ON m.id = c.internalId
WHERE c.parentId = ? AND m.type = ?

-- Attachments.

-- Values: id, type, uuid, compressed size, uncompressed size, compression type, uncompressed hash, compressed hash,
-- revision, custom data (bytes or NULL).
-- name: add-attachment
INSERT INTO AttachedFiles (id, fileType, uuid, compressedSize, uncompressedSize, compressionType, uncompressedHash,
                           compressedHash, revision, customData)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- Values: id, type.
-- name: attachment
SELECT uuid, compressedSize, uncompressedSize, compressionType, uncompressedHash, compressedHash, revision, customData
FROM AttachedFiles WHERE id = ? AND fileType = ?

-- Values: id.
-- name: attachments-types
SELECT fileType FROM AttachedFiles WHERE id = ?

-- Values: uuid.
-- name: custom-data
SELECT customData FROM AttachedFiles WHERE uuid = ?

-- Values: uuid, custom data (bytes).
-- name: set-custom-data
UPDATE AttachedFiles SET customData = ?2 WHERE uuid = ?1

-- Changes and exports.

-- Values: type, id, level, date.
-- name: log-change
INSERT INTO Changes (changeType, internalId, resourceType, date) VALUES (?, ?, ?, ?)

-- {0}: conditions on c; {1}: ASC or DESC; {2}: the limits. Columns: number, type, public id, level, date.
-- name: changes
SELECT c.seq, c.changeType, r.publicId, c.resourceType, c.date
FROM Changes c JOIN Resources r ON r.internalId = c.internalId
{0} ORDER BY c.seq {1} {2}

-- {0}: a number.
-- name: changes-since
c.seq > {0}

-- {0}: a number.
-- name: changes-to
c.seq <= {0}

-- {0}: types, between commas.
-- name: changes-of
c.changeType IN ({0})

-- name: clear-changes
DELETE FROM Changes

-- Values: level, public id, modality, patient id, study instance UID, series instance UID, SOP instance UID, date.
-- name: log-export
INSERT INTO ExportedResources (resourceType, publicId, remoteModality, patientId, studyInstanceUid, seriesInstanceUid,
                               sopInstanceUid, date)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- {0}: the number after which they begin; {1}: ASC or DESC; {2}: the limits. Columns: number, and those of log-export.
-- name: exports
SELECT seq, resourceType, publicId, remoteModality, patientId, studyInstanceUid, seriesInstanceUid, sopInstanceUid, date
FROM ExportedResources WHERE seq > {0} ORDER BY seq {1} {2}

-- name: clear-exports
DELETE FROM ExportedResources

-- Labels.

-- Values: id, label.
-- name: remove-label
DELETE FROM Labels WHERE id = ? AND label = ?

-- Values: id.
-- name: labels
SELECT label FROM Labels WHERE id = ?

-- name: all-labels
SELECT DISTINCT label FROM Labels

-- Stores of keys and values.

-- Values: store, key.
-- name: delete-value
DELETE FROM KeyValueStores WHERE storeId = ? AND key = ?

-- Values: store, key.
-- name: stored-value
SELECT value FROM KeyValueStores WHERE storeId = ? AND key = ?

-- {0}: store; {1}: the key as a text that compares by bytes, of which {2} are to be found (a condition, or nothing);
-- {3}: the limits. Columns: key, value.
-- name: stored-values
SELECT s.key, s.value FROM KeyValueStores s WHERE s.storeId = {0} {2} ORDER BY {1} {3}

-- {0}: the key, as in stored-values; {1}: the key after which they begin.
-- name: stored-after
AND {0} > {1}

-- The column of the key in stored-values.
-- name: store-key
s.key

-- Queues. A value that is reserved until a time before now is free.

-- Values: queue, value.
-- name: enqueue
INSERT INTO Queues (queueId, value) VALUES (?, ?)

-- Values: queue, id.
-- name: delete-queue-value
DELETE FROM Queues WHERE queueId = ? AND id = ?

-- Values: queue.
-- name: queue-size
SELECT COUNT(*) FROM Queues WHERE queueId = ?

-- Values: queue, id, until when.
-- name: reserve-queue-value
UPDATE Queues SET reservedUntil = ?3 WHERE queueId = ?1 AND id = ?2

-- Values: queue, id, now.
-- name: acknowledge-queue-value
DELETE FROM Queues WHERE queueId = ? AND id = ? AND reservedUntil > ?

-- FIND: which resources. They are `r`, their ancestors `p0` (patient), `p1`, `p2`, and what is under them `c1`, `c2`, `c3`.

-- {0}: joins; {1}: conditions; {2}: order and limits.
-- name: find
SELECT r.internalId, r.publicId FROM Resources r {0} WHERE {1} {2}

-- {0}: joins; {1}: conditions.
-- name: find-count
SELECT COUNT(*) FROM Resources r {0} WHERE {1}

-- {0}: an ancestor.
-- name: ancestor-columns
, {0}.internalId, {0}.publicId

-- {0}: a condition.
-- name: not
NOT {0}

-- name: never
1 = 0

-- {0}: level.
-- name: is-of-level
r.resourceType = {0}

-- {0}: a resource; {1}: its public id.
-- name: is-resource
{0}.publicId = {1}

-- {0}: the ancestor; {1}: its child.
-- name: join-parent
JOIN Resources {0} ON {0}.internalId = {1}.parentId

-- {0}: the name for the row; {1}: the table; {2}: the resource; {3}: group; {4}: element.
-- name: join-tag
JOIN {1} {0} ON {0}.id = {2}.internalId AND {0}.tagGroup = {3} AND {0}.tagElement = {4}

-- name: join-optional-tag
LEFT JOIN {1} {0} ON {0}.id = {2}.internalId AND {0}.tagGroup = {3} AND {0}.tagElement = {4}

-- {0}: the name for the row; {1}: the resource; {2}: type.
-- name: join-metadata
JOIN Metadata {0} ON {0}.id = {1}.internalId AND {0}.type = {2}

-- name: join-optional-metadata
LEFT JOIN Metadata {0} ON {0}.id = {1}.internalId AND {0}.type = {2}

-- {0}: the row that was joined.
-- name: joined-value
{0}.value

-- The order by a value that is there, which an index may have: {0} and {1} are those of order (dialect).
-- name: order-present
{0} {1}

-- {0}: a column; {1}: a condition.
-- name: missing-or
({0} IS NULL OR {1})

-- {0}: what is under the resource; {1}: joins; {2}: a condition.
-- name: exists-below
EXISTS (SELECT 1 FROM {0} {1} WHERE c1.parentId = r.internalId AND {2})

-- name: below-1
Resources c1

-- name: below-2
Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId

-- name: below-3
Resources c1 JOIN Resources c2 ON c2.parentId = c1.internalId JOIN Resources c3 ON c3.parentId = c2.internalId

-- {0}: id; {1}: labels, between commas.
-- name: has-label
EXISTS (SELECT 1 FROM Labels l WHERE l.id = {0} AND l.label IN ({1}))

-- {0}: id.
-- name: has-labels
EXISTS (SELECT 1 FROM Labels l WHERE l.id = {0})

-- FIND: what belongs to them. {0} is what follows the column of the id, such as `= ANY(?)` or `IN (1, 2)`. The first
-- column is the id of the resource that was found.

-- {1}: columns (ancestor-columns); {2}: joins. Columns: id, then an id and a public id for each ancestor.
-- name: find-ancestors
SELECT r.internalId{1} FROM Resources r{2} WHERE r.internalId {0}

-- Columns: id, group, element, value.
-- name: find-tags
SELECT t.id, t.tagGroup, t.tagElement, t.value FROM MainDicomTags t WHERE t.id {0}

-- Columns: id, type, value, revision.
-- name: find-metadata
SELECT m.id, m.type, m.value, m.revision FROM Metadata m WHERE m.id {0}

-- name: find-labels
SELECT l.id, l.label FROM Labels l WHERE l.id {0}

-- Columns: id, type, and those of attachment.
-- name: find-attachments
SELECT f.id, f.fileType, f.uuid, f.compressedSize, f.uncompressedSize, f.compressionType, f.uncompressedHash,
       f.compressedHash, f.revision, f.customData
FROM AttachedFiles f WHERE f.id {0}

-- {1}: what is under it (below-1 …); {2}: the last name in that. Columns: id, public id.
-- name: find-children
SELECT c1.parentId, {2}.publicId FROM {1} WHERE c1.parentId {0}

-- {1}: how many, as a column.
-- name: find-counts
SELECT r.internalId, {1} FROM Resources r WHERE r.internalId {0}

-- {1} and {2}: as for find-children; {3}: what follows the column of the type. Columns: id, type, value.
-- name: find-children-metadata
SELECT DISTINCT c1.parentId, m.type, m.value FROM {1} JOIN Metadata m ON m.id = {2}.internalId
WHERE c1.parentId {0} AND m.type {3}

-- {1} and {2}: as for find-children; {3}: what follows the number of the tag. Columns: id, group, element, value.
-- name: find-children-tags
SELECT DISTINCT c1.parentId, t.tagGroup, t.tagElement, t.value FROM {1} JOIN MainDicomTags t ON t.id = {2}.internalId
WHERE c1.parentId {0} AND t.tagGroup * 65536 + t.tagElement {3}

-- The oldest instance under each, as Orthanc's own index has it. {1} and {2}: as for find-children.
-- Columns: id, the instance's id, its public id.
-- name: find-one-instance
SELECT o.parentId, o.internalId, o.publicId
FROM (SELECT c1.parentId AS parentId, {2}.internalId AS internalId, {2}.publicId AS publicId,
             ROW_NUMBER() OVER (PARTITION BY c1.parentId ORDER BY {2}.internalId) AS place
      FROM {1} WHERE c1.parentId {0}) o
WHERE o.place = 1
