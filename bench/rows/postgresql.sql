-- Studies {first} to {last}: a patient, a study, a series and an instance each. Triggers are off: the statistics stay as
-- they are.
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT n, level, nextval('resources_internalid_seq') AS id,
       regexp_replace(substr(encode(sha256((level || '/' || n)::bytea), 'hex'), 1, 40), '(.{8})(?!$)', '\1-', 'g') AS public
FROM generate_series({first}, {last}) n, generate_series(0, 3) level ORDER BY n, level;
CREATE INDEX ON made (n, level);
INSERT INTO Resources (internalId, resourceType, publicId, parentId)
SELECT m.id, m.level, m.public, p.id FROM made m LEFT JOIN made p ON p.n = m.n AND p.level = m.level - 1;
CREATE TEMPORARY TABLE tags ON COMMIT DROP AS
SELECT 0 AS level, 16 AS g, 32 AS e, n, 'ID' || lpad(n::text, 7, '0') AS value, true AS key FROM generate_series({first}, {last}) n
UNION ALL SELECT 0, 16, 16, n, 'NAME' || n || '^' || (ARRAY['ANNA','PETER','MARIA','JOHN'])[1 + n % 4], true FROM generate_series({first}, {last}) n
UNION ALL SELECT 0, 16, 48, n, to_char(date '1930-01-01' + n % 30000, 'YYYYMMDD'), true FROM generate_series({first}, {last}) n
UNION ALL SELECT 1, 32, 13, n, '1.2.3.' || n, true FROM generate_series({first}, {last}) n
UNION ALL SELECT 1, 8, 80, n, 'A' || lpad(n::text, 7, '0'), true FROM generate_series({first}, {last}) n
UNION ALL SELECT 1, 8, 32, n, to_char(date '2015-01-01' + n % 3650, 'YYYYMMDD'), true FROM generate_series({first}, {last}) n
UNION ALL SELECT 1, 8, 4144, n, 'DESCRIPTION ' || n % 50, true FROM generate_series({first}, {last}) n
UNION ALL SELECT 2, 32, 14, n, '1.2.3.' || n || '.1', true FROM generate_series({first}, {last}) n
UNION ALL SELECT 2, 8, 96, n, (ARRAY['CT','MR','US','CR'])[1 + n % 4], false FROM generate_series({first}, {last}) n
UNION ALL SELECT 3, 8, 24, n, '1.2.3.' || n || '.1.1', true FROM generate_series({first}, {last}) n;
INSERT INTO MainDicomTags (id, tagGroup, tagElement, value)
SELECT m.id, t.g, t.e, t.value FROM tags t JOIN made m ON m.n = t.n AND (m.level = t.level OR (t.level = 0 AND m.level = 1));
INSERT INTO DicomIdentifiers (id, tagGroup, tagElement, value)
SELECT m.id, t.g, t.e, t.value FROM tags t JOIN made m ON m.n = t.n AND (m.level = t.level OR (t.level = 0 AND m.level = 1))
WHERE t.key;
INSERT INTO Metadata (id, type, value) SELECT id, 7, '20260101T120000' FROM made WHERE level < 3;
COMMIT;
