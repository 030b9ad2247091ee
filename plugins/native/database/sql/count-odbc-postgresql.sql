-- How many resources there are and how large their attachments, counted by triggers as they come and go, on PostgreSQL:
-- also what the official plugin writes is counted. The sum of all rows is the number. Each change adds a row, so that
-- nobody waits for another; each thousandth one puts those together that nobody else has locked.

-- name: table
CREATE TABLE IF NOT EXISTS OrthancImagesStatistics(
    id BIGSERIAL PRIMARY KEY,
    patients BIGINT NOT NULL DEFAULT 0,
    studies BIGINT NOT NULL DEFAULT 0,
    series BIGINT NOT NULL DEFAULT 0,
    instances BIGINT NOT NULL DEFAULT 0,
    compressed BIGINT NOT NULL DEFAULT 0,
    uncompressed BIGINT NOT NULL DEFAULT 0)

-- Whoever writes to the index needs no rights in this table.
-- name: together
CREATE OR REPLACE FUNCTION OrthancImagesPutTogether() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS '
BEGIN
    WITH gone AS (
        DELETE FROM OrthancImagesStatistics
        WHERE id IN (SELECT s.id FROM OrthancImagesStatistics s FOR UPDATE SKIP LOCKED) RETURNING *)
    INSERT INTO OrthancImagesStatistics (id, patients, studies, series, instances, compressed, uncompressed)
    SELECT -MAX(id), SUM(patients), SUM(studies), SUM(series), SUM(instances), SUM(compressed), SUM(uncompressed)
    FROM gone HAVING COUNT(*) > 0;
    RETURN NULL;
END'

-- name: drop-together
DROP TRIGGER IF EXISTS OrthancImagesStatistics1 ON OrthancImagesStatistics

-- name: count-together
CREATE TRIGGER OrthancImagesStatistics1 AFTER INSERT ON OrthancImagesStatistics
FOR EACH ROW WHEN (NEW.id > 0 AND NEW.id % 1000 = 0) EXECUTE PROCEDURE OrthancImagesPutTogether()

-- name: resources
CREATE OR REPLACE FUNCTION OrthancImagesCountResource() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS '
DECLARE
    level INTEGER;
    change INTEGER;
BEGIN
    IF TG_OP = ''INSERT'' THEN
        level := NEW.resourceType;
        change := 1;
    ELSE
        level := OLD.resourceType;
        change := -1;
    END IF;
    INSERT INTO OrthancImagesStatistics (patients, studies, series, instances)
    VALUES (CASE level WHEN 0 THEN change ELSE 0 END, CASE level WHEN 1 THEN change ELSE 0 END,
            CASE level WHEN 2 THEN change ELSE 0 END, CASE level WHEN 3 THEN change ELSE 0 END);
    RETURN NULL;
END'

-- name: drop-resources
DROP TRIGGER IF EXISTS OrthancImagesStatistics2 ON Resources

-- name: count-resources
CREATE TRIGGER OrthancImagesStatistics2 AFTER INSERT OR DELETE ON Resources
FOR EACH ROW EXECUTE PROCEDURE OrthancImagesCountResource()

-- name: files
CREATE OR REPLACE FUNCTION OrthancImagesCountFile() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS '
BEGIN
    IF TG_OP = ''INSERT'' THEN
        INSERT INTO OrthancImagesStatistics (compressed, uncompressed)
        VALUES (COALESCE(NEW.compressedSize, 0), COALESCE(NEW.uncompressedSize, 0));
    ELSE
        INSERT INTO OrthancImagesStatistics (compressed, uncompressed)
        VALUES (-COALESCE(OLD.compressedSize, 0), -COALESCE(OLD.uncompressedSize, 0));
    END IF;
    RETURN NULL;
END'

-- name: drop-files
DROP TRIGGER IF EXISTS OrthancImagesStatistics3 ON AttachedFiles

-- name: count-files
CREATE TRIGGER OrthancImagesStatistics3 AFTER INSERT OR DELETE ON AttachedFiles
FOR EACH ROW EXECUTE PROCEDURE OrthancImagesCountFile()

-- What is there already. Nobody writes to the two tables until the end of this transaction.

-- name: forget
DELETE FROM OrthancImagesStatistics

-- name: begin
INSERT INTO OrthancImagesStatistics (patients, studies, series, instances, compressed, uncompressed)
SELECT r.patients, r.studies, r.series, r.instances, f.compressed, f.uncompressed
FROM (SELECT COALESCE(SUM(CASE resourceType WHEN 0 THEN 1 ELSE 0 END), 0) AS patients,
             COALESCE(SUM(CASE resourceType WHEN 1 THEN 1 ELSE 0 END), 0) AS studies,
             COALESCE(SUM(CASE resourceType WHEN 2 THEN 1 ELSE 0 END), 0) AS series,
             COALESCE(SUM(CASE resourceType WHEN 3 THEN 1 ELSE 0 END), 0) AS instances FROM Resources) r,
     (SELECT COALESCE(SUM(compressedSize), 0) AS compressed, COALESCE(SUM(uncompressedSize), 0) AS uncompressed
      FROM AttachedFiles) f
