-- The steps from each revision of the official plugin to the next, as blocks STEP, STEP.2 …: "from-1" leads from
-- revision 1 to 2. Each can be run again. What stands in the parts "triggers" and "procedures" of
-- programs-mysql.sql is made after the last step, so the steps that bring only these have nothing here.

-- name: from-1
ALTER TABLE GlobalProperties MODIFY value LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: from-2
CREATE TABLE IF NOT EXISTS GlobalIntegers (
    property INTEGER PRIMARY KEY,
    value BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: from-3
ALTER TABLE Metadata MODIFY value LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: from-5
CREATE TABLE IF NOT EXISTS ServerProperties (
    server VARCHAR(64) NOT NULL,
    property INTEGER,
    value LONGTEXT,
    PRIMARY KEY (server, property)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: from-5.2
ALTER TABLE ServerProperties MODIFY value LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: from-6
CREATE TABLE IF NOT EXISTS Labels (
    id BIGINT NOT NULL,
    label VARCHAR(64) NOT NULL,
    PRIMARY KEY (id, label),
    KEY LabelsIndex1 (id),
    KEY LabelsIndex2 (label),
    CONSTRAINT Labels1 FOREIGN KEY (id) REFERENCES Resources (internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
