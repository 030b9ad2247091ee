-- How many resources there are and how large their attachments, counted by triggers as they come and go, on MySQL and
-- MariaDB: also what the official plugin writes is counted. The sum of all rows is the number. Each session adds to a row
-- that it has nearly for itself (by its number, modulo 256), so that nobody waits for another. Row -1 has what was there
-- before anybody counted, and tells that all is there.

-- name: table
CREATE TABLE IF NOT EXISTS OrthancImagesStatistics(
    slot INTEGER NOT NULL PRIMARY KEY,
    patients BIGINT NOT NULL DEFAULT 0,
    studies BIGINT NOT NULL DEFAULT 0,
    series BIGINT NOT NULL DEFAULT 0,
    instances BIGINT NOT NULL DEFAULT 0,
    compressed BIGINT NOT NULL DEFAULT 0,
    uncompressed BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: slots
INSERT IGNORE INTO OrthancImagesStatistics (slot)
SELECT a.n + 4 * b.n + 16 * c.n + 64 * d.n
FROM (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS a,
     (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS b,
     (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS c,
     (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS d

-- name: drop-resource-added
DROP TRIGGER IF EXISTS OrthancImagesStatistics1

-- name: resource-added
CREATE TRIGGER OrthancImagesStatistics1 AFTER INSERT ON Resources FOR EACH ROW
    UPDATE OrthancImagesStatistics
    SET patients = patients + (NEW.resourceType = 0), studies = studies + (NEW.resourceType = 1),
        series = series + (NEW.resourceType = 2), instances = instances + (NEW.resourceType = 3)
    WHERE slot = CONNECTION_ID() MOD 256

-- name: drop-resource-deleted
DROP TRIGGER IF EXISTS OrthancImagesStatistics2

-- Before, since the attachments go with the resource, and no trigger is told.
-- name: resource-deleted
CREATE TRIGGER OrthancImagesStatistics2 BEFORE DELETE ON Resources FOR EACH ROW
BEGIN
    DECLARE stored_size BIGINT DEFAULT 0;
    DECLARE original_size BIGINT DEFAULT 0;
    SELECT COALESCE(SUM(compressedSize), 0), COALESCE(SUM(uncompressedSize), 0) INTO stored_size, original_size
    FROM AttachedFiles WHERE id = OLD.internalId;
    UPDATE OrthancImagesStatistics
    SET patients = patients - (OLD.resourceType = 0), studies = studies - (OLD.resourceType = 1),
        series = series - (OLD.resourceType = 2), instances = instances - (OLD.resourceType = 3),
        compressed = compressed - stored_size, uncompressed = uncompressed - original_size
    WHERE slot = CONNECTION_ID() MOD 256;
END

-- name: drop-file-added
DROP TRIGGER IF EXISTS OrthancImagesStatistics3

-- name: file-added
CREATE TRIGGER OrthancImagesStatistics3 AFTER INSERT ON AttachedFiles FOR EACH ROW
    UPDATE OrthancImagesStatistics
    SET compressed = compressed + COALESCE(NEW.compressedSize, 0),
        uncompressed = uncompressed + COALESCE(NEW.uncompressedSize, 0)
    WHERE slot = CONNECTION_ID() MOD 256

-- name: drop-file-deleted
DROP TRIGGER IF EXISTS OrthancImagesStatistics4

-- name: file-deleted
CREATE TRIGGER OrthancImagesStatistics4 AFTER DELETE ON AttachedFiles FOR EACH ROW
    UPDATE OrthancImagesStatistics
    SET compressed = compressed - COALESCE(OLD.compressedSize, 0),
        uncompressed = uncompressed - COALESCE(OLD.uncompressedSize, 0)
    WHERE slot = CONNECTION_ID() MOD 256

-- What is there already, as all rows are at one moment, while others write.
-- name: begin
REPLACE INTO OrthancImagesStatistics (slot, patients, studies, series, instances, compressed, uncompressed)
SELECT -1, r.patients - s.patients, r.studies - s.studies, r.series - s.series, r.instances - s.instances,
       f.compressed - s.compressed, f.uncompressed - s.uncompressed
FROM (SELECT COALESCE(SUM(resourceType = 0), 0) AS patients, COALESCE(SUM(resourceType = 1), 0) AS studies,
             COALESCE(SUM(resourceType = 2), 0) AS series, COALESCE(SUM(resourceType = 3), 0) AS instances
      FROM Resources) AS r,
     (SELECT COALESCE(SUM(compressedSize), 0) AS compressed, COALESCE(SUM(uncompressedSize), 0) AS uncompressed
      FROM AttachedFiles) AS f,
     (SELECT COALESCE(SUM(patients), 0) AS patients, COALESCE(SUM(studies), 0) AS studies,
             COALESCE(SUM(series), 0) AS series, COALESCE(SUM(instances), 0) AS instances,
             COALESCE(SUM(compressed), 0) AS compressed, COALESCE(SUM(uncompressed), 0) AS uncompressed
      FROM OrthancImagesStatistics WHERE slot >= 0) AS s
