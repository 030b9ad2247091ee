-- Studies {first} to {last}: a patient, a study, a series and an instance each.
SET unique_checks = 0, foreign_key_checks = 0;
CREATE TEMPORARY TABLE made (id BIGINT PRIMARY KEY, n INT, level INT, public VARCHAR(64), KEY (n, level));
SET @start = (SELECT COALESCE(MAX(internalId), 0) FROM Resources);
INSERT INTO made
SELECT @start + (n.seq - {first}) * 4 + level.seq + 1, n.seq, level.seq,
       REGEXP_REPLACE(SHA1(CONCAT(level.seq, '/', n.seq)), '(.{8})(?!$)', '\\1-')
FROM seq_{first}_to_{last} n, seq_0_to_3 level;
INSERT INTO Resources (internalId, resourceType, publicId, parentId)
SELECT id, level, public, IF(level = 0, NULL, id - 1) FROM made ORDER BY id;
CREATE TEMPORARY TABLE tags (level INT, g INT, e INT, n INT, value VARCHAR(64) CHARACTER SET utf8mb4, identifier BOOLEAN, KEY (n, level));
INSERT INTO tags SELECT 0, 16, 32, seq, CONCAT('ID', LPAD(seq, 7, '0')), 1 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 0, 16, 16, seq, CONCAT('NAME', seq, '^', ELT(1 + seq % 4, 'ANNA', 'PETER', 'MARIA', 'JOHN')), 1 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 0, 16, 48, seq, DATE_FORMAT(DATE_ADD('1930-01-01', INTERVAL seq % 30000 DAY), '%Y%m%d'), 1 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 1, 32, 13, seq, CONCAT('1.2.3.', seq), 1 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 1, 8, 80, seq, CONCAT('A', LPAD(seq, 7, '0')), 1 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 1, 8, 32, seq, DATE_FORMAT(DATE_ADD('2015-01-01', INTERVAL seq % 3650 DAY), '%Y%m%d'), 1 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 1, 8, 4144, seq, CONCAT('DESCRIPTION ', seq % 50), 1 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 2, 32, 14, seq, CONCAT('1.2.3.', seq, '.1'), 1 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 2, 8, 96, seq, ELT(1 + seq % 4, 'CT', 'MR', 'US', 'CR'), 0 FROM seq_{first}_to_{last};
INSERT INTO tags SELECT 3, 8, 24, seq, CONCAT('1.2.3.', seq, '.1.1'), 1 FROM seq_{first}_to_{last};
INSERT INTO MainDicomTags (id, tagGroup, tagElement, value)
SELECT m.id, t.g, t.e, t.value FROM made m JOIN tags t ON m.n = t.n AND (m.level = t.level OR (t.level = 0 AND m.level = 1));
INSERT INTO DicomIdentifiers (id, tagGroup, tagElement, value)
SELECT m.id, t.g, t.e, t.value FROM made m JOIN tags t ON m.n = t.n AND (m.level = t.level OR (t.level = 0 AND m.level = 1))
WHERE t.identifier;
INSERT INTO Metadata (id, type, value) SELECT id, 7, '20260101T120000' FROM made WHERE level < 3;
ANALYZE TABLE Resources, MainDicomTags, DicomIdentifiers, Metadata;
