-- The schema of version 6, revision 10. All of it may be run again, and is after an upgrade: what is there stays, and
-- the functions and triggers are made anew. The first name in the search path is that of the schema.

-- name: tables
SET LOCAL client_min_messages = warning;

CREATE TABLE IF NOT EXISTS GlobalProperties (
    property INTEGER PRIMARY KEY,
    value TEXT
);

CREATE TABLE IF NOT EXISTS ServerProperties (
    server VARCHAR(64) NOT NULL,
    property INTEGER,
    value TEXT,
    PRIMARY KEY (server, property)
);

CREATE TABLE IF NOT EXISTS Resources (
    internalId BIGSERIAL NOT NULL PRIMARY KEY,
    resourceType INTEGER NOT NULL,
    publicId VARCHAR(64) NOT NULL,
    parentId BIGINT CONSTRAINT resources_parentid_fkey REFERENCES Resources (internalId),
    childCount INTEGER,
    CONSTRAINT UniquePublicId UNIQUE (publicId)
);

CREATE TABLE IF NOT EXISTS MainDicomTags (
    id BIGINT REFERENCES Resources (internalId) ON DELETE CASCADE,
    tagGroup INTEGER,
    tagElement INTEGER,
    value TEXT,
    PRIMARY KEY (id, tagGroup, tagElement)
);

CREATE TABLE IF NOT EXISTS DicomIdentifiers (
    id BIGINT REFERENCES Resources (internalId) ON DELETE CASCADE,
    tagGroup INTEGER,
    tagElement INTEGER,
    value TEXT,
    PRIMARY KEY (id, tagGroup, tagElement)
);

CREATE TABLE IF NOT EXISTS Metadata (
    id BIGINT REFERENCES Resources (internalId) ON DELETE CASCADE,
    type INTEGER NOT NULL,
    value TEXT,
    revision INTEGER,
    PRIMARY KEY (id, type)
);

CREATE TABLE IF NOT EXISTS AttachedFiles (
    id BIGINT REFERENCES Resources (internalId) ON DELETE CASCADE,
    fileType INTEGER,
    uuid VARCHAR(64) NOT NULL,
    compressedSize BIGINT,
    uncompressedSize BIGINT,
    compressionType INTEGER,
    uncompressedHash VARCHAR(40),
    compressedHash VARCHAR(40),
    revision INTEGER,
    customData BYTEA,
    PRIMARY KEY (id, fileType)
);

CREATE TABLE IF NOT EXISTS Changes (
    seq BIGSERIAL NOT NULL PRIMARY KEY,
    changeType INTEGER,
    internalId BIGINT REFERENCES Resources (internalId) ON DELETE CASCADE,
    resourceType INTEGER,
    date VARCHAR(64)
);

CREATE TABLE IF NOT EXISTS ExportedResources (
    seq BIGSERIAL NOT NULL PRIMARY KEY,
    resourceType INTEGER,
    publicId VARCHAR(64),
    remoteModality TEXT,
    patientId VARCHAR(64),
    studyInstanceUid TEXT,
    seriesInstanceUid TEXT,
    sopInstanceUid TEXT,
    date VARCHAR(64)
);

CREATE TABLE IF NOT EXISTS Labels (
    id BIGINT REFERENCES Resources (internalId) ON DELETE CASCADE,
    label TEXT,
    PRIMARY KEY (id, label)
);

CREATE TABLE IF NOT EXISTS GlobalIntegers (
    key INTEGER PRIMARY KEY,
    value BIGINT
);

CREATE TABLE IF NOT EXISTS GlobalIntegersChanges (
    pk BIGSERIAL PRIMARY KEY,
    key INTEGER,
    value BIGINT
);

CREATE TABLE IF NOT EXISTS InvalidChildCounts (
    pk BIGSERIAL PRIMARY KEY,
    id BIGINT REFERENCES Resources (internalId) ON DELETE CASCADE,
    updatedAt TIMESTAMP DEFAULT now()
);

CREATE TABLE IF NOT EXISTS KeyValueStores (
    storeId TEXT NOT NULL,
    key TEXT NOT NULL,
    value BYTEA NOT NULL,
    PRIMARY KEY (storeId, key)
);

CREATE TABLE IF NOT EXISTS Queues (
    id BIGSERIAL NOT NULL PRIMARY KEY,
    queueId TEXT NOT NULL,
    value BYTEA NOT NULL,
    reservedUntil BIGINT
);

CREATE TABLE IF NOT EXISTS AuditLogs (
    ts TIMESTAMP DEFAULT now() NOT NULL,
    sourcePlugin TEXT NOT NULL,
    userId TEXT NOT NULL,
    resourceType INTEGER NOT NULL,
    resourceId VARCHAR(64) NOT NULL,
    action TEXT NOT NULL,
    logData BYTEA
);

CREATE SEQUENCE IF NOT EXISTS PatientRecyclingOrderSequence INCREMENT 1 START 1;

-- What earlier revisions lack. Each step asks the catalogue, so that it does not matter which one it was, or whether
-- somebody went back and came again.
-- name: upgrade
ALTER TABLE Resources ADD COLUMN IF NOT EXISTS childCount INTEGER;
ALTER TABLE Metadata ADD COLUMN IF NOT EXISTS revision INTEGER;
ALTER TABLE AttachedFiles ADD COLUMN IF NOT EXISTS revision INTEGER;
ALTER TABLE AttachedFiles ADD COLUMN IF NOT EXISTS customData BYTEA;
ALTER TABLE Queues ADD COLUMN IF NOT EXISTS reservedUntil BIGINT;
ALTER TABLE GlobalIntegersChanges ADD COLUMN IF NOT EXISTS pk BIGSERIAL PRIMARY KEY;
ALTER TABLE InvalidChildCounts ADD COLUMN IF NOT EXISTS pk BIGSERIAL PRIMARY KEY;

DO $do$
DECLARE
    one RECORD;
BEGIN
    /* Triggers and functions go first: those of earlier revisions must not act on what follows. */
    FOR one IN
        SELECT t.tgname AS trigger_name, c.relname AS table_name
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND NOT t.tgisinternal
          AND t.tgname IN ('attachedfiledeleted', 'attachedfileincrementsize', 'attachedfiledecrementsize',
                           'incrementresourcestracker', 'decrementresourcestracker', 'countresourcestracker',
                           'incrementchildcount', 'decrementchildcount', 'insertedchange', 'patientadded',
                           'resourcedeleted')
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %I.%I', one.trigger_name, current_schema(), one.table_name);
    END LOOP;
    FOR one IN
        SELECT CAST(CAST(p.oid AS REGPROCEDURE) AS TEXT) AS signature
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = current_schema()
          AND p.proname IN ('createinstance', 'deleteresource', 'createdeletedfilestemporarytable',
                            'deleteattachment', 'attachedfiledeletedfunc', 'attachedfileincrementsizefunc',
                            'attachedfiledecrementsizefunc', 'incrementresourcestrackerfunc',
                            'decrementresourcestrackerfunc', 'countresourcestrackerfunc', 'updatesinglestatistic',
                            'updatestatistics', 'computestatisticsreadonly', 'insertorupdatemetadata',
                            'insertedchangefunc', 'patientaddedorupdated', 'patientaddedfunc', 'protectpatient',
                            'unprotectpatient', 'computemissingchildcount', 'updateinvalidchildcounts',
                            'updatechildcount', 'resourcedeletedfunc', 'deletetree', 'createone')
    LOOP
        EXECUTE 'DROP FUNCTION ' || one.signature;
    END LOOP;

    /* What is temporary today was not always. */
    EXECUTE format('DROP TABLE IF EXISTS %1$I.DeletedFiles, %1$I.RemainingAncestor, %1$I.DeletedResources',
                   current_schema());

    IF NOT EXISTS (SELECT 1 FROM pg_constraint c
                   WHERE c.conrelid = CAST('resources' AS REGCLASS) AND c.conname = 'uniquepublicid') THEN
        ALTER TABLE Resources ADD CONSTRAINT UniquePublicId UNIQUE (publicId);
    END IF;

    /* The reference to the parent has no cascade any more. */
    IF NOT EXISTS (SELECT 1 FROM pg_constraint c
                   WHERE c.conrelid = CAST('resources' AS REGCLASS) AND c.contype = 'f'
                     AND c.conname = 'resources_parentid_fkey' AND c.confdeltype = 'a') THEN
        FOR one IN
            SELECT c.conname AS name FROM pg_constraint c
            WHERE c.conrelid = CAST('resources' AS REGCLASS) AND c.contype = 'f'
        LOOP
            EXECUTE format('ALTER TABLE Resources DROP CONSTRAINT %I', one.name);
        END LOOP;
        ALTER TABLE Resources ADD CONSTRAINT resources_parentid_fkey
            FOREIGN KEY (parentId) REFERENCES Resources (internalId);
    END IF;

    /* The order of recycling was a table, in which the protected patients were missing. */
    IF to_regclass(format('%I.patientrecyclingorder', current_schema())) IS NOT NULL THEN
        INSERT INTO Metadata (id, type, value, revision)
        SELECT r.internalId, 18, 'true', 0 FROM Resources r
        WHERE r.resourceType = 0
          AND NOT EXISTS (SELECT 1 FROM PatientRecyclingOrder o WHERE o.patientId = r.internalId)
        ON CONFLICT (id, type) DO UPDATE SET value = EXCLUDED.value, revision = EXCLUDED.revision;

        INSERT INTO Metadata (id, type, value, revision)
        SELECT o.patientId, 19, CAST(row_number() OVER (ORDER BY max(o.seq)) AS TEXT), 0
        FROM PatientRecyclingOrder o GROUP BY o.patientId
        ON CONFLICT (id, type) DO UPDATE SET value = EXCLUDED.value, revision = EXCLUDED.revision;

        PERFORM setval('patientrecyclingordersequence', greatest(
            (SELECT count(*) FROM PatientRecyclingOrder),
            (SELECT last_value FROM PatientRecyclingOrderSequence)));
        DROP TABLE PatientRecyclingOrder;
    END IF;
END
$do$;

DROP INDEX IF EXISTS ChildrenIndex;

-- name: indexes
DO $do$
BEGIN
    IF current_setting('server_version_num')::integer >= 110000 THEN
        CREATE INDEX IF NOT EXISTS ChildrenIndex2
            ON Resources USING btree (parentId ASC NULLS LAST) INCLUDE (publicId, internalId);
    ELSE
        CREATE INDEX IF NOT EXISTS ChildrenIndex2
            ON Resources USING btree (parentId ASC NULLS LAST, publicId, internalId);
    END IF;
END
$do$;

CREATE INDEX IF NOT EXISTS PublicIndex ON Resources (publicId);
CREATE INDEX IF NOT EXISTS ResourceTypeIndex ON Resources (resourceType);
CREATE INDEX IF NOT EXISTS MainDicomTagsIndex ON MainDicomTags (id);
CREATE INDEX IF NOT EXISTS DicomIdentifiersIndex1 ON DicomIdentifiers (id);
CREATE INDEX IF NOT EXISTS DicomIdentifiersIndex2 ON DicomIdentifiers (tagGroup, tagElement);
CREATE INDEX IF NOT EXISTS DicomIdentifiersIndex3 ON DicomIdentifiers (tagGroup, tagElement, value);
CREATE INDEX IF NOT EXISTS DicomIdentifiersIndexValues ON DicomIdentifiers (value);
CREATE INDEX IF NOT EXISTS ChangesIndex ON Changes (internalId);
CREATE INDEX IF NOT EXISTS LabelsIndex1 ON Labels (id);
CREATE INDEX IF NOT EXISTS LabelsIndex2 ON Labels (label);
CREATE INDEX IF NOT EXISTS QueuesIndex ON Queues (queueId, id);
CREATE INDEX IF NOT EXISTS InvalidChildCountsId ON InvalidChildCounts (id);
CREATE INDEX IF NOT EXISTS AuditLogsUserId ON AuditLogs (userId);
CREATE INDEX IF NOT EXISTS AuditLogsResourceId ON AuditLogs (resourceId);
CREATE INDEX IF NOT EXISTS AuditLogsAction ON AuditLogs (action);
CREATE INDEX IF NOT EXISTS AuditLogsSourcePlugin ON AuditLogs (sourcePlugin);

-- Those that the official plugin does not have: attachments by their uuid, the order of recycling, what waits for a count
-- of its children, and the orders that a search has, in which it begins and ends where its page does.
-- name: more-indexes
CREATE INDEX IF NOT EXISTS AttachedFilesUuidIndex ON AttachedFiles (uuid);
CREATE INDEX IF NOT EXISTS MetadataRecyclingIndex ON Metadata (CAST(value AS BIGINT)) WHERE type = 19;
CREATE INDEX IF NOT EXISTS ResourcesUncountedIndex
    ON Resources (internalId) WHERE childCount IS NULL AND resourceType < 3;
CREATE INDEX IF NOT EXISTS ResourcesOrderIndex ON Resources (resourceType, publicId COLLATE "C");
CREATE INDEX IF NOT EXISTS DicomIdentifiersOrderIndex
    ON DicomIdentifiers (tagGroup, tagElement, value COLLATE "C", id);
CREATE INDEX IF NOT EXISTS MetadataLastUpdateIndex ON Metadata (value COLLATE "C", id) WHERE type = 7;
-- ModalitiesInStudy, as a search without regard to case has it; it tells the planner how frequent each modality is, too.
CREATE INDEX IF NOT EXISTS MainDicomTagsModalityIndex
    ON MainDicomTags (lower(value COLLATE "C"), id) WHERE tagGroup = 8 AND tagElement = 96;

-- Searches with wildcards. Without the extension, or without the right to install it, they work and are slow.
-- name: trigrams
DO $do$
DECLARE
    place NAME;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')
       AND EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        BEGIN
            CREATE EXTENSION pg_trgm SCHEMA public;
        EXCEPTION WHEN OTHERS THEN
            BEGIN
                CREATE EXTENSION pg_trgm;
            EXCEPTION WHEN OTHERS THEN
                RAISE NOTICE 'pg_trgm cannot be installed: %', SQLERRM;
            END;
        END;
    END IF;
    SELECT n.nspname INTO place
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
    IF FOUND AND to_regclass(format('%I.dicomidentifiersindexvalues2', current_schema())) IS NULL THEN
        BEGIN
            EXECUTE format('CREATE INDEX DicomIdentifiersIndexValues2 ON DicomIdentifiers USING gin '
                           '(value %I.gin_trgm_ops)', place);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE NOTICE 'pg_trgm cannot be used: %', SQLERRM;
        END;
    END IF;
END
$do$;

-- name: properties
INSERT INTO GlobalProperties (property, value)
VALUES (1, '6'), (4, '10'), (6, '1'), (10, '1'), (11, '3'), (12, '1'), (13, '1'), (14, '1')
ON CONFLICT (property) DO UPDATE SET value = EXCLUDED.value;

INSERT INTO GlobalIntegers (key, value)
SELECT 0, coalesce((SELECT sum(compressedSize) FROM AttachedFiles), 0)
WHERE NOT EXISTS (SELECT 1 FROM GlobalIntegers WHERE key = 0);

INSERT INTO GlobalIntegers (key, value)
SELECT 1, coalesce((SELECT sum(uncompressedSize) FROM AttachedFiles), 0)
WHERE NOT EXISTS (SELECT 1 FROM GlobalIntegers WHERE key = 1);

INSERT INTO GlobalIntegers (key, value)
SELECT level + 2, (SELECT count(*) FROM Resources WHERE resourceType = level)
FROM generate_series(0, 3) AS level
WHERE NOT EXISTS (SELECT 1 FROM GlobalIntegers WHERE key = level + 2);

INSERT INTO GlobalIntegers (key, value)
SELECT 6, coalesce((SELECT max(seq) FROM Changes), 0)
WHERE NOT EXISTS (SELECT 1 FROM GlobalIntegers WHERE key = 6);

-- The functions and triggers. Their names and arguments are those of the official plugin, which calls them too.
-- /* orthanc-images 1 */ in each tells that it is ours, and which.
-- name: functions
/* Returns the resource with this public id, which is made if there is none. */
CREATE FUNCTION CreateOne(IN level INTEGER, IN public_id TEXT, IN parent_id BIGINT, OUT id BIGINT, OUT is_new BIGINT)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    is_new := 0;
    SELECT r.internalId INTO id FROM Resources r WHERE r.publicId = public_id;
    IF NOT FOUND THEN
        INSERT INTO Resources AS r (resourceType, publicId, parentId, childCount)
        VALUES (level, public_id, parent_id, 0)
        ON CONFLICT (publicId) DO NOTHING RETURNING r.internalId INTO id;
        IF FOUND THEN
            is_new := 1;
        ELSE
            /* Somebody else made it while this waited. */
            SELECT r.internalId INTO id FROM Resources r WHERE r.publicId = public_id;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a resource is gone that was there a moment ago' USING ERRCODE = '40001';
            END IF;
        END IF;
    END IF;
END
$body$;

/* Puts the patient at the end of the order of recycling. Who stores into the same patient at the same time does that
   already, and is not waited for. */
CREATE FUNCTION PatientAddedOrUpdated(IN patient_id BIGINT) RETURNS VOID
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
DECLARE
    place TEXT;
BEGIN
    SELECT m.value INTO place FROM Metadata m WHERE m.id = patient_id AND m.type = 19;
    IF NOT FOUND THEN
        INSERT INTO Metadata (id, type, value, revision)
        VALUES (patient_id, 19, CAST(nextval('patientrecyclingordersequence') AS TEXT), 0)
        ON CONFLICT (id, type) DO UPDATE SET value = EXCLUDED.value, revision = EXCLUDED.revision;
    ELSIF place IS DISTINCT FROM (SELECT CAST(s.last_value AS TEXT) FROM PatientRecyclingOrderSequence s) THEN
        PERFORM 1 FROM Metadata m WHERE m.id = patient_id AND m.type = 19 FOR NO KEY UPDATE SKIP LOCKED;
        IF FOUND THEN
            UPDATE Metadata SET value = CAST(nextval('patientrecyclingordersequence') AS TEXT), revision = 0
            WHERE id = patient_id AND type = 19;
        END IF;
    END IF;
END
$body$;

CREATE FUNCTION CreateInstance(
    IN patient_public_id TEXT, IN study_public_id TEXT, IN series_public_id TEXT, IN instance_public_id TEXT,
    OUT is_new_patient BIGINT, OUT is_new_study BIGINT, OUT is_new_series BIGINT, OUT is_new_instance BIGINT,
    OUT patient_internal_id BIGINT, OUT study_internal_id BIGINT, OUT series_internal_id BIGINT,
    OUT instance_internal_id BIGINT)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    is_new_patient := 0;
    is_new_study := 0;
    is_new_series := 0;
    is_new_instance := 0;
    SELECT patient.internalId, study.internalId, series.internalId
    INTO patient_internal_id, study_internal_id, series_internal_id
    FROM Resources series
    JOIN Resources study ON study.internalId = series.parentId
    JOIN Resources patient ON patient.internalId = study.parentId
    WHERE series.publicId = series_public_id;
    IF NOT FOUND THEN
        SELECT c.id, c.is_new INTO patient_internal_id, is_new_patient
        FROM CreateOne(0, patient_public_id, NULL) c;
        SELECT c.id, c.is_new INTO study_internal_id, is_new_study
        FROM CreateOne(1, study_public_id, patient_internal_id) c;
        SELECT c.id, c.is_new INTO series_internal_id, is_new_series
        FROM CreateOne(2, series_public_id, study_internal_id) c;
    END IF;
    INSERT INTO Resources AS r (resourceType, publicId, parentId, childCount)
    VALUES (3, instance_public_id, series_internal_id, 0)
    ON CONFLICT (publicId) DO NOTHING RETURNING r.internalId INTO instance_internal_id;
    IF FOUND THEN
        is_new_instance := 1;
        PERFORM PatientAddedOrUpdated(patient_internal_id);
    ELSE
        SELECT r.internalId INTO instance_internal_id FROM Resources r WHERE r.publicId = instance_public_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'an instance is gone that was there a moment ago' USING ERRCODE = '40001';
        END IF;
    END IF;
END
$body$;

CREATE FUNCTION ProtectPatient(IN patient_id BIGINT) RETURNS VOID
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    INSERT INTO Metadata (id, type, value, revision) VALUES (patient_id, 18, 'true', 0)
    ON CONFLICT (id, type) DO UPDATE SET value = EXCLUDED.value, revision = EXCLUDED.revision;
END
$body$;

CREATE FUNCTION UnprotectPatient(IN patient_id BIGINT) RETURNS VOID
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    DELETE FROM Metadata WHERE id = patient_id AND type = 18;
    IF FOUND THEN
        PERFORM PatientAddedOrUpdated(patient_id);
    END IF;
END
$body$;

CREATE FUNCTION InsertOrUpdateMetadata(
    IN resource_ids BIGINT[], IN metadata_types INTEGER[], IN metadata_values TEXT[], IN revisions INTEGER[])
RETURNS VOID
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    FOR place IN 1 .. coalesce(array_length(resource_ids, 1), 0) LOOP
        INSERT INTO Metadata (id, type, value, revision)
        VALUES (resource_ids[place], metadata_types[place], metadata_values[place], revisions[place])
        ON CONFLICT (id, type) DO UPDATE SET value = EXCLUDED.value, revision = EXCLUDED.revision;
    END LOOP;
END
$body$;

/* Deletes a resource with all that is under it, and the ancestors that have no other child; returns what was deleted, and
   the nearest ancestor that is left. Kinds: 0 a resource, 1 an attachment, 2 that ancestor. Locks are taken from the
   patient downwards, so that nobody can add to what goes, and two that delete cannot wait for each other. */
CREATE FUNCTION DeleteTree(IN resource_id BIGINT)
RETURNS TABLE (kind INTEGER, level INTEGER, public_id VARCHAR, file_uuid VARCHAR, file_type INTEGER,
               compressed_size BIGINT, uncompressed_size BIGINT, compression INTEGER, uncompressed_hash VARCHAR,
               compressed_hash VARCHAR, file_revision INTEGER, custom_data BYTEA)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
DECLARE
    line BIGINT[];
    one BIGINT;
    below BIGINT[];
    gone BIGINT[];
    remaining BIGINT;
BEGIN
    /* The resource and its ancestors, the patient first. */
    WITH RECURSIVE up (id, parent, depth) AS (
        SELECT r.internalId, r.parentId, 0 FROM Resources r WHERE r.internalId = resource_id
        UNION ALL
        SELECT r.internalId, r.parentId, up.depth + 1 FROM up JOIN Resources r ON r.internalId = up.parent)
    SELECT array_agg(up.id ORDER BY up.depth DESC) INTO line FROM up;
    FOREACH one IN ARRAY coalesce(line, '{}') LOOP
        PERFORM 1 FROM Resources r WHERE r.internalId = one FOR UPDATE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END LOOP;

    /* What is under it, locked level by level. */
    below := ARRAY[resource_id];
    gone := below;
    WHILE array_length(below, 1) > 0 AND line IS NOT NULL LOOP
        SELECT array_agg(c.internalId) INTO below FROM (
            SELECT r.internalId FROM Resources r WHERE r.parentId = ANY (below)
            ORDER BY r.internalId FOR UPDATE) c;
        gone := gone || coalesce(below, '{}');
    END LOOP;

    /* The ancestors without another child, from the parent upwards. */
    FOR place IN REVERSE coalesce(array_length(line, 1), 0) - 1 .. 1 LOOP
        IF EXISTS (SELECT 1 FROM Resources r WHERE r.parentId = line[place] AND r.internalId <> line[place + 1]) THEN
            remaining := line[place];
            EXIT;
        END IF;
        gone := gone || line[place];
    END LOOP;

    /* The number of the last change is kept, also where that change goes. */
    UPDATE GlobalIntegers SET value = (SELECT max(c.seq) FROM Changes c)
    WHERE key = 6 AND value < (SELECT max(c.seq) FROM Changes c);

    RETURN QUERY
        DELETE FROM AttachedFiles f WHERE f.id = ANY (gone)
        RETURNING 1, NULL::INTEGER, NULL::VARCHAR, f.uuid, f.fileType, f.compressedSize, f.uncompressedSize,
                  f.compressionType, f.uncompressedHash, f.compressedHash, f.revision, f.customData;
    RETURN QUERY
        DELETE FROM Resources r WHERE r.internalId = ANY (gone)
        RETURNING 0, r.resourceType, r.publicId, NULL::VARCHAR, NULL::INTEGER, NULL::BIGINT, NULL::BIGINT,
                  NULL::INTEGER, NULL::VARCHAR, NULL::VARCHAR, NULL::INTEGER, NULL::BYTEA;
    RETURN QUERY
        SELECT 2, r.resourceType, r.publicId, NULL::VARCHAR, NULL::INTEGER, NULL::BIGINT, NULL::BIGINT,
               NULL::INTEGER, NULL::VARCHAR, NULL::VARCHAR, NULL::INTEGER, NULL::BYTEA
        FROM Resources r WHERE r.internalId = remaining;
END
$body$;

CREATE FUNCTION CreateDeletedFilesTemporaryTable() RETURNS VOID
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    IF to_regclass('pg_temp.deletedfiles') IS NULL THEN
        CREATE TEMPORARY TABLE DeletedFiles (
            uuid VARCHAR(64) NOT NULL,
            fileType INTEGER,
            compressedSize BIGINT,
            uncompressedSize BIGINT,
            compressionType INTEGER,
            uncompressedHash VARCHAR(40),
            compressedHash VARCHAR(40),
            revision INTEGER,
            customData BYTEA
        );
    ELSE
        DELETE FROM pg_temp.DeletedFiles;
    END IF;
END
$body$;

CREATE FUNCTION DeleteResource(
    IN id BIGINT, OUT remaining_ancestor_resource_type INTEGER, OUT remaining_anncestor_public_id TEXT)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
DECLARE
    deleted RECORD;
BEGIN
    PERFORM CreateDeletedFilesTemporaryTable();
    IF to_regclass('pg_temp.deletedresources') IS NULL THEN
        CREATE TEMPORARY TABLE DeletedResources (resourceType INTEGER NOT NULL, publicId VARCHAR(64) NOT NULL);
    ELSE
        DELETE FROM pg_temp.DeletedResources;
    END IF;
    FOR deleted IN SELECT d.kind, d.level, d.public_id FROM DeleteTree(id) d WHERE d.kind <> 1 LOOP
        IF deleted.kind = 0 THEN
            INSERT INTO pg_temp.DeletedResources (resourceType, publicId) VALUES (deleted.level, deleted.public_id);
        ELSE
            remaining_ancestor_resource_type := deleted.level;
            remaining_anncestor_public_id := deleted.public_id;
        END IF;
    END LOOP;
END
$body$;

CREATE FUNCTION DeleteAttachment(IN resource_id BIGINT, IN file_type INTEGER) RETURNS VOID
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    PERFORM CreateDeletedFilesTemporaryTable();
    DELETE FROM AttachedFiles WHERE id = resource_id AND fileType = file_type;
END
$body$;

/* Notes a deleted attachment, where the session has a table for that. */
CREATE FUNCTION AttachedFileDeletedFunc() RETURNS TRIGGER
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    IF to_regclass('pg_temp.deletedfiles') IS NOT NULL THEN
        INSERT INTO pg_temp.DeletedFiles (uuid, fileType, compressedSize, uncompressedSize, compressionType,
                                          uncompressedHash, compressedHash, revision, customData)
        VALUES (OLD.uuid, OLD.fileType, OLD.compressedSize, OLD.uncompressedSize, OLD.compressionType,
                OLD.uncompressedHash, OLD.compressedHash, OLD.revision, OLD.customData);
    END IF;
    RETURN NULL;
END
$body$;

CREATE FUNCTION AttachedFileIncrementSizeFunc() RETURNS TRIGGER
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    INSERT INTO GlobalIntegersChanges (key, value) VALUES (0, NEW.compressedSize), (1, NEW.uncompressedSize);
    RETURN NULL;
END
$body$;

CREATE FUNCTION AttachedFileDecrementSizeFunc() RETURNS TRIGGER
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    INSERT INTO GlobalIntegersChanges (key, value) VALUES (0, -OLD.compressedSize), (1, -OLD.uncompressedSize);
    RETURN NULL;
END
$body$;

CREATE FUNCTION IncrementResourcesTrackerFunc() RETURNS TRIGGER
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    INSERT INTO GlobalIntegersChanges (key, value) VALUES (NEW.resourceType + 2, 1);
    RETURN NULL;
END
$body$;

CREATE FUNCTION DecrementResourcesTrackerFunc() RETURNS TRIGGER
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    INSERT INTO GlobalIntegersChanges (key, value) VALUES (OLD.resourceType + 2, -1);
    RETURN NULL;
END
$body$;

/* Notes that the number of a parent's children is to be counted. A parent that has gone in the same statement needs
   none. */
CREATE FUNCTION UpdateChildCount() RETURNS TRIGGER
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO InvalidChildCounts (id) VALUES (NEW.parentId);
    ELSE
        INSERT INTO InvalidChildCounts (id)
        SELECT r.internalId FROM Resources r WHERE r.internalId = OLD.parentId;
    END IF;
    RETURN NULL;
END
$body$;

/* Keeps the greatest number of a change. Who is about to set it is not waited for: the number in the table of changes
   counts too. */
CREATE FUNCTION InsertedChangeFunc() RETURNS TRIGGER
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    PERFORM 1 FROM GlobalIntegers g WHERE g.key = 6 AND g.value < NEW.seq FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
        UPDATE GlobalIntegers SET value = NEW.seq WHERE key = 6 AND value < NEW.seq;
    END IF;
    RETURN NULL;
END
$body$;

/* Adds at most 10,000 rows that wait to the value that is kept, and returns that. */
CREATE FUNCTION UpdateSingleStatistic(IN statistics_key INTEGER, OUT new_value BIGINT)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
DECLARE
    difference BIGINT;
BEGIN
    WITH taken AS (
        DELETE FROM GlobalIntegersChanges
        WHERE pk IN (SELECT c.pk FROM GlobalIntegersChanges c WHERE c.key = statistics_key
                     ORDER BY c.pk LIMIT 10000 FOR UPDATE SKIP LOCKED)
        RETURNING value)
    SELECT sum(taken.value) INTO difference FROM taken;
    IF difference IS NULL THEN
        SELECT g.value INTO new_value FROM GlobalIntegers g WHERE g.key = statistics_key;
    ELSE
        UPDATE GlobalIntegers SET value = value + difference WHERE key = statistics_key RETURNING value INTO new_value;
    END IF;
END
$body$;

CREATE FUNCTION UpdateStatistics(
    OUT patients_cunt BIGINT, OUT studies_count BIGINT, OUT series_count BIGINT, OUT instances_count BIGINT,
    OUT total_compressed_size BIGINT, OUT total_uncompressed_size BIGINT)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    total_compressed_size := UpdateSingleStatistic(0);
    total_uncompressed_size := UpdateSingleStatistic(1);
    patients_cunt := UpdateSingleStatistic(2);
    studies_count := UpdateSingleStatistic(3);
    series_count := UpdateSingleStatistic(4);
    instances_count := UpdateSingleStatistic(5);
END
$body$;

CREATE FUNCTION ComputeStatisticsReadOnly(IN statistics_key INTEGER, OUT accumulated_value BIGINT)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    SELECT coalesce((SELECT g.value FROM GlobalIntegers g WHERE g.key = statistics_key), 0) +
           coalesce((SELECT sum(c.value) FROM GlobalIntegersChanges c WHERE c.key = statistics_key), 0)
    INTO accumulated_value;
END
$body$;

CREATE FUNCTION ComputeMissingChildCount(IN batch_size BIGINT, OUT updated_rows_count BIGINT)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
BEGIN
    UPDATE Resources r SET childCount = (SELECT count(*) FROM Resources c WHERE c.parentId = r.internalId)
    WHERE r.internalId IN (SELECT u.internalId FROM Resources u WHERE u.childCount IS NULL AND u.resourceType < 3
                           LIMIT batch_size FOR NO KEY UPDATE SKIP LOCKED);
    GET DIAGNOSTICS updated_rows_count = ROW_COUNT;
END
$body$;

/* Counts the children of what has notes. The locks come first, in a statement of their own: what is counted is what
   was there after them. */
CREATE FUNCTION UpdateInvalidChildCounts(OUT updated_rows_count BIGINT)
LANGUAGE plpgsql AS $body$
/* orthanc-images 1 */
DECLARE
    parents BIGINT[];
BEGIN
    SELECT array_agg(l.internalId) INTO parents FROM (
        SELECT r.internalId FROM Resources r
        WHERE r.internalId IN (SELECT n.id FROM InvalidChildCounts n)
        ORDER BY r.internalId FOR NO KEY UPDATE SKIP LOCKED) l;
    updated_rows_count := 0;
    IF parents IS NOT NULL THEN
        WITH noted AS (DELETE FROM InvalidChildCounts n WHERE n.id = ANY (parents) RETURNING n.id)
        UPDATE Resources r SET childCount = (SELECT count(*) FROM Resources c WHERE c.parentId = r.internalId)
        WHERE r.internalId IN (SELECT noted.id FROM noted);
        GET DIAGNOSTICS updated_rows_count = ROW_COUNT;
    END IF;
END
$body$;

CREATE TRIGGER AttachedFileDeleted AFTER DELETE ON AttachedFiles
    FOR EACH ROW EXECUTE PROCEDURE AttachedFileDeletedFunc();
CREATE TRIGGER AttachedFileDecrementSize AFTER DELETE ON AttachedFiles
    FOR EACH ROW EXECUTE PROCEDURE AttachedFileDecrementSizeFunc();
CREATE TRIGGER AttachedFileIncrementSize AFTER INSERT ON AttachedFiles
    FOR EACH ROW EXECUTE PROCEDURE AttachedFileIncrementSizeFunc();
CREATE TRIGGER IncrementResourcesTracker AFTER INSERT ON Resources
    FOR EACH ROW EXECUTE PROCEDURE IncrementResourcesTrackerFunc();
CREATE TRIGGER DecrementResourcesTracker AFTER DELETE ON Resources
    FOR EACH ROW EXECUTE PROCEDURE DecrementResourcesTrackerFunc();
CREATE TRIGGER IncrementChildCount AFTER INSERT ON Resources
    FOR EACH ROW WHEN (NEW.parentId IS NOT NULL) EXECUTE PROCEDURE UpdateChildCount();
CREATE TRIGGER DecrementChildCount AFTER DELETE ON Resources
    FOR EACH ROW WHEN (OLD.parentId IS NOT NULL) EXECUTE PROCEDURE UpdateChildCount();
CREATE TRIGGER InsertedChange AFTER INSERT ON Changes
    FOR EACH ROW EXECUTE PROCEDURE InsertedChangeFunc();
