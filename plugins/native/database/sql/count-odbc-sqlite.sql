-- How many resources there are and how large their attachments, counted by triggers as they come and go, on SQLite: also
-- what the official plugin writes is counted.

-- name: table
CREATE TABLE IF NOT EXISTS OrthancImagesStatistics(
    patients BIGINT NOT NULL DEFAULT 0,
    studies BIGINT NOT NULL DEFAULT 0,
    series BIGINT NOT NULL DEFAULT 0,
    instances BIGINT NOT NULL DEFAULT 0,
    compressed BIGINT NOT NULL DEFAULT 0,
    uncompressed BIGINT NOT NULL DEFAULT 0)

-- name: resource-added
CREATE TRIGGER IF NOT EXISTS OrthancImagesStatistics1 AFTER INSERT ON Resources
BEGIN
    UPDATE OrthancImagesStatistics
    SET patients = patients + (NEW.resourceType = 0), studies = studies + (NEW.resourceType = 1),
        series = series + (NEW.resourceType = 2), instances = instances + (NEW.resourceType = 3);
END

-- name: resource-deleted
CREATE TRIGGER IF NOT EXISTS OrthancImagesStatistics2 AFTER DELETE ON Resources
BEGIN
    UPDATE OrthancImagesStatistics
    SET patients = patients - (OLD.resourceType = 0), studies = studies - (OLD.resourceType = 1),
        series = series - (OLD.resourceType = 2), instances = instances - (OLD.resourceType = 3);
END

-- name: file-added
CREATE TRIGGER IF NOT EXISTS OrthancImagesStatistics3 AFTER INSERT ON AttachedFiles
BEGIN
    UPDATE OrthancImagesStatistics
    SET compressed = compressed + COALESCE(NEW.compressedSize, 0),
        uncompressed = uncompressed + COALESCE(NEW.uncompressedSize, 0);
END

-- name: file-deleted
CREATE TRIGGER IF NOT EXISTS OrthancImagesStatistics4 AFTER DELETE ON AttachedFiles
BEGIN
    UPDATE OrthancImagesStatistics
    SET compressed = compressed - COALESCE(OLD.compressedSize, 0),
        uncompressed = uncompressed - COALESCE(OLD.uncompressedSize, 0);
END

-- What is there already.

-- name: forget
DELETE FROM OrthancImagesStatistics

-- name: begin
INSERT INTO OrthancImagesStatistics (patients, studies, series, instances, compressed, uncompressed)
SELECT r.patients, r.studies, r.series, r.instances, f.compressed, f.uncompressed
FROM (SELECT COALESCE(SUM(resourceType = 0), 0) AS patients, COALESCE(SUM(resourceType = 1), 0) AS studies,
             COALESCE(SUM(resourceType = 2), 0) AS series, COALESCE(SUM(resourceType = 3), 0) AS instances
      FROM Resources) r,
     (SELECT COALESCE(SUM(compressedSize), 0) AS compressed, COALESCE(SUM(uncompressedSize), 0) AS uncompressed
      FROM AttachedFiles) f
