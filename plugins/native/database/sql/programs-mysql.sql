-- Triggers and procedures. The names that do not begin with OrthancImages are those of the official plugin, which needs
-- them. In sessions of ours, @orthanc_images is 1.

-- name: TRIGGER AttachedFileDeleted
CREATE TRIGGER AttachedFileDeleted AFTER DELETE ON AttachedFiles FOR EACH ROW
BEGIN
    IF @orthanc_images IS NULL THEN
        INSERT INTO DeletedFiles (uuid, fileType, compressedSize, uncompressedSize, compressionType, uncompressedHash,
                                  compressedHash)
        VALUES (OLD.uuid, OLD.fileType, OLD.compressedSize, OLD.uncompressedSize, OLD.compressionType,
                OLD.uncompressedHash, OLD.compressedHash);
    END IF;
    UPDATE OrthancImagesStatistics
    SET compressed = compressed - COALESCE(OLD.compressedSize, 0),
        uncompressed = uncompressed - COALESCE(OLD.uncompressedSize, 0)
    WHERE slot = CONNECTION_ID() MOD 256;
END

-- name: TRIGGER OrthancImagesFileAdded
CREATE TRIGGER OrthancImagesFileAdded AFTER INSERT ON AttachedFiles FOR EACH ROW
BEGIN
    UPDATE OrthancImagesStatistics
    SET compressed = compressed + COALESCE(NEW.compressedSize, 0),
        uncompressed = uncompressed + COALESCE(NEW.uncompressedSize, 0)
    WHERE slot = CONNECTION_ID() MOD 256;
END

-- Before, since the attachments go with the resource, and no trigger is told. Sessions of ours count what they delete at
-- once: for a study of 1,000 instances, that is a quarter of the server's time.
-- name: TRIGGER ResourceDeleted
CREATE TRIGGER ResourceDeleted BEFORE DELETE ON Resources FOR EACH ROW
BEGIN
    DECLARE stored_size BIGINT DEFAULT 0;
    DECLARE original_size BIGINT DEFAULT 0;
    IF @orthanc_images IS NULL THEN
        INSERT INTO DeletedFiles (uuid, fileType, compressedSize, uncompressedSize, compressionType, uncompressedHash,
                                  compressedHash)
        SELECT uuid, fileType, compressedSize, uncompressedSize, compressionType, uncompressedHash, compressedHash
        FROM AttachedFiles WHERE id = OLD.internalId;
        UPDATE GlobalIntegers SET value = GREATEST(value, (SELECT COALESCE(MAX(seq), 0) FROM Changes))
        WHERE property = 0;
        SELECT COALESCE(SUM(compressedSize), 0), COALESCE(SUM(uncompressedSize), 0) INTO stored_size, original_size
        FROM AttachedFiles WHERE id = OLD.internalId;
        UPDATE OrthancImagesStatistics
        SET patients = patients - (OLD.resourceType = 0), studies = studies - (OLD.resourceType = 1),
            series = series - (OLD.resourceType = 2), instances = instances - (OLD.resourceType = 3),
            compressed = compressed - stored_size, uncompressed = uncompressed - original_size
        WHERE slot = CONNECTION_ID() MOD 256;
    END IF;
END

-- name: TRIGGER PatientAdded
CREATE TRIGGER PatientAdded AFTER INSERT ON Resources FOR EACH ROW
BEGIN
    IF NEW.resourceType = 0 THEN
        INSERT INTO PatientRecyclingOrder (patientId) VALUES (NEW.internalId);
    END IF;
    UPDATE OrthancImagesStatistics
    SET patients = patients + (NEW.resourceType = 0), studies = studies + (NEW.resourceType = 1),
        series = series + (NEW.resourceType = 2), instances = instances + (NEW.resourceType = 3)
    WHERE slot = CONNECTION_ID() MOD 256;
END

-- All who log changes would wait for one another. So we do not write the number, but look at the table as well, and
-- note the greatest before anything is deleted from it.
-- name: TRIGGER ChangeAdded
CREATE TRIGGER ChangeAdded AFTER INSERT ON Changes FOR EACH ROW
BEGIN
    IF @orthanc_images IS NULL THEN
        UPDATE GlobalIntegers SET value = GREATEST(value, NEW.seq) WHERE property = 0;
    END IF;
END

-- Whoever overwrites metadata and does not know of revisions begins again with 0.
-- name: TRIGGER OrthancImagesMetadataSet
CREATE TRIGGER OrthancImagesMetadataSet AFTER UPDATE ON Metadata FOR EACH ROW
BEGIN
    DELETE FROM OrthancImagesMetadata WHERE id = NEW.id AND type = NEW.type;
END

-- name: PROCEDURE CreateInstance
CREATE PROCEDURE CreateInstance(
    IN patient TEXT, IN study TEXT, IN series TEXT, IN instance TEXT,
    OUT isNewPatient BOOLEAN, OUT isNewStudy BOOLEAN, OUT isNewSeries BOOLEAN, OUT isNewInstance BOOLEAN,
    OUT patientKey BIGINT, OUT studyKey BIGINT, OUT seriesKey BIGINT, OUT instanceKey BIGINT)
BEGIN
    DECLARE place BIGINT;
    SET isNewPatient = 0, isNewStudy = 0, isNewSeries = 0, isNewInstance = 0;
    SET instanceKey = (SELECT MIN(internalId) FROM Resources WHERE publicId = instance AND resourceType = 3);
    IF instanceKey IS NULL THEN
        SET patientKey = (SELECT MIN(internalId) FROM Resources WHERE publicId = patient AND resourceType = 0);
        SET studyKey = (SELECT MIN(internalId) FROM Resources WHERE publicId = study AND resourceType = 1);
        SET seriesKey = (SELECT MIN(internalId) FROM Resources WHERE publicId = series AND resourceType = 2);
        IF (patientKey IS NULL AND studyKey IS NOT NULL) OR (studyKey IS NULL AND seriesKey IS NOT NULL) THEN
            SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'A resource is there, and its parent is not.';
        END IF;
        IF patientKey IS NULL THEN
            INSERT INTO Resources (resourceType, publicId, parentId) VALUES (0, patient, NULL);
            SET isNewPatient = 1, patientKey = LAST_INSERT_ID();
        END IF;
        IF studyKey IS NULL THEN
            INSERT INTO Resources (resourceType, publicId, parentId) VALUES (1, study, patientKey);
            SET isNewStudy = 1, studyKey = LAST_INSERT_ID();
        END IF;
        IF seriesKey IS NULL THEN
            INSERT INTO Resources (resourceType, publicId, parentId) VALUES (2, series, studyKey);
            SET isNewSeries = 1, seriesKey = LAST_INSERT_ID();
        END IF;
        INSERT INTO Resources (resourceType, publicId, parentId) VALUES (3, instance, seriesKey);
        SET isNewInstance = 1, instanceKey = LAST_INSERT_ID();
        SET place = (SELECT MAX(seq) FROM PatientRecyclingOrder WHERE patientId = patientKey);
        IF isNewPatient = 0 AND place IS NOT NULL THEN
            DELETE FROM PatientRecyclingOrder WHERE patientId = patientKey;
            INSERT INTO PatientRecyclingOrder (patientId) VALUES (patientKey);
        END IF;
    END IF;
END

-- What is to be deleted is in the session's temporary table DeletedResources.
-- name: PROCEDURE DeleteResources
CREATE PROCEDURE DeleteResources(IN p_id BIGINT)
BEGIN
    DECLARE done BOOLEAN DEFAULT FALSE;
    DECLARE deleted BIGINT;
    DECLARE listed CURSOR FOR SELECT internalId FROM DeletedResources;
    DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
    OPEN listed;
    FETCH listed INTO deleted;
    WHILE NOT done DO
        DELETE FROM Resources WHERE internalId = deleted;
        FETCH listed INTO deleted;
    END WHILE;
    CLOSE listed;
END

-- Answers one row: whether the instance is new, its id; whether patient, study and series are new, their ids.
--
-- The nearest ancestor that is there is locked (shared), so that it cannot be deleted in the meantime. Where another
-- session creates the same resource at the same time, its row is waited for: the unique index then says that it is
-- there, and all begins again. A patient that others move to the end of the recycling order just now is left to
-- them.
-- name: PROCEDURE OrthancImagesCreateInstance
CREATE PROCEDURE OrthancImagesCreateInstance(
    IN patient VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    IN study VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    IN series VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    IN instance VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
    DECLARE patient_key, study_key, series_key, instance_key, place BIGINT;
    DECLARE new_patient, new_study, new_series, new_instance, taken, attempt INTEGER DEFAULT 0;
    DECLARE CONTINUE HANDLER FOR 1062 SET taken = 1;
    DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
    SELECT internalId INTO instance_key FROM Resources WHERE publicId = instance AND resourceType = 3
    ORDER BY internalId LIMIT 1;
    IF instance_key IS NULL THEN
        attempts: LOOP
            SET attempt = attempt + 1;
            IF attempt > 10 THEN
                SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'A resource of another level has this public id.';
            END IF;
            SET taken = 0, patient_key = NULL, study_key = NULL, series_key = NULL;
            SELECT internalId, parentId INTO series_key, study_key FROM Resources
            WHERE publicId = series AND resourceType = 2 ORDER BY internalId LIMIT 1 LOCK IN SHARE MODE;
            IF series_key IS NOT NULL THEN
                SELECT parentId INTO patient_key FROM Resources WHERE internalId = study_key;
            ELSE
                SELECT internalId, parentId INTO study_key, patient_key FROM Resources
                WHERE publicId = study AND resourceType = 1 ORDER BY internalId LIMIT 1 LOCK IN SHARE MODE;
                IF study_key IS NULL THEN
                    SELECT internalId INTO patient_key FROM Resources
                    WHERE publicId = patient AND resourceType = 0 ORDER BY internalId LIMIT 1 LOCK IN SHARE MODE;
                    IF patient_key IS NULL THEN
                        INSERT INTO Resources (resourceType, publicId, parentId) VALUES (0, patient, NULL);
                        IF taken THEN
                            ITERATE attempts;
                        END IF;
                        SET new_patient = 1, patient_key = LAST_INSERT_ID();
                    END IF;
                    INSERT INTO Resources (resourceType, publicId, parentId) VALUES (1, study, patient_key);
                    IF taken THEN
                        ITERATE attempts;
                    END IF;
                    SET new_study = 1, study_key = LAST_INSERT_ID();
                END IF;
                INSERT INTO Resources (resourceType, publicId, parentId) VALUES (2, series, study_key);
                IF taken THEN
                    ITERATE attempts;
                END IF;
                SET new_series = 1, series_key = LAST_INSERT_ID();
            END IF;
            INSERT INTO Resources (resourceType, publicId, parentId) VALUES (3, instance, series_key);
            IF taken THEN
                SELECT internalId INTO instance_key FROM Resources WHERE publicId = instance AND resourceType = 3
                ORDER BY internalId LIMIT 1 LOCK IN SHARE MODE;
            ELSE
                SET new_instance = 1, instance_key = LAST_INSERT_ID();
            END IF;
            LEAVE attempts;
        END LOOP;
        IF new_instance AND NOT new_patient AND
           (SELECT patientId FROM PatientRecyclingOrder ORDER BY seq DESC LIMIT 1) <> patient_key THEN
            SELECT seq INTO place FROM PatientRecyclingOrder WHERE patientId = patient_key
            ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF place IS NOT NULL THEN
                DELETE FROM PatientRecyclingOrder WHERE seq = place;
                INSERT INTO PatientRecyclingOrder (patientId) VALUES (patient_key);
            END IF;
        END IF;
    END IF;
    SELECT new_instance, instance_key, new_patient, new_study, new_series, patient_key, study_key, series_key;
END

-- name: PROCEDURE OrthancImagesAddAttachment
CREATE PROCEDURE OrthancImagesAddAttachment(
    IN resource BIGINT, IN kind INTEGER, IN file VARCHAR(64) CHARACTER SET utf8mb4,
    IN stored_size BIGINT, IN original_size BIGINT, IN compression INTEGER,
    IN original_hash VARCHAR(40) CHARACTER SET utf8mb4, IN stored_hash VARCHAR(40) CHARACTER SET utf8mb4,
    IN new_revision BIGINT, IN custom LONGBLOB)
BEGIN
    INSERT INTO AttachedFiles (id, fileType, uuid, compressedSize, uncompressedSize, compressionType,
                               uncompressedHash, compressedHash)
    VALUES (resource, kind, file, stored_size, original_size, compression, original_hash, stored_hash);
    IF new_revision <> 0 OR LENGTH(custom) > 0 THEN
        INSERT INTO OrthancImagesAttachments (id, fileType, revision, customData)
        VALUES (resource, kind, new_revision, custom);
    END IF;
END

-- name: PROCEDURE OrthancImagesSetMetadata
CREATE PROCEDURE OrthancImagesSetMetadata(IN resource BIGINT, IN kind INTEGER,
                                          IN content LONGTEXT CHARACTER SET utf8mb4, IN new_revision BIGINT)
BEGIN
    INSERT INTO Metadata (id, type, value) VALUES (resource, kind, content)
    ON DUPLICATE KEY UPDATE value = content;
    IF new_revision <> 0 THEN
        INSERT INTO OrthancImagesMetadata (id, type, revision) VALUES (resource, kind, new_revision)
        ON DUPLICATE KEY UPDATE revision = new_revision;
    ELSE
        DELETE FROM OrthancImagesMetadata WHERE id = resource AND type = kind;
    END IF;
END

-- name: PROCEDURE OrthancImagesClearChanges
CREATE PROCEDURE OrthancImagesClearChanges()
BEGIN
    UPDATE GlobalIntegers SET value = GREATEST(value, (SELECT COALESCE(MAX(seq), 0) FROM Changes)) WHERE property = 0;
    DELETE FROM Changes;
END
