-- The tables of the official plugin Odbc 1.3, version 6, on MySQL and MariaDB, with its names and columns. Ours
-- differ in what it does not look at: texts compare by their bytes, tags are not cut at 255 characters, and no two
-- resources have one public id. DeletedFiles and DeletedResources are for the official plugin only.

-- name: GlobalProperties
CREATE TABLE IF NOT EXISTS GlobalProperties(
    property INTEGER NOT NULL PRIMARY KEY,
    value LONGTEXT
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: ServerProperties
CREATE TABLE IF NOT EXISTS ServerProperties(
    server VARCHAR(64) NOT NULL,
    property INTEGER NOT NULL,
    value LONGTEXT,
    PRIMARY KEY (server, property)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: Resources
CREATE TABLE IF NOT EXISTS Resources(
    internalId BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    resourceType INTEGER NOT NULL,
    publicId VARCHAR(64) NOT NULL,
    parentId BIGINT,
    INDEX ChildrenIndex (parentId),
    UNIQUE INDEX PublicIndex (publicId),
    INDEX ResourceTypeIndex (resourceType)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: MainDicomTags
CREATE TABLE IF NOT EXISTS MainDicomTags(
    id BIGINT NOT NULL,
    tagGroup INTEGER NOT NULL,
    tagElement INTEGER NOT NULL,
    value LONGTEXT,
    PRIMARY KEY (id, tagGroup, tagElement),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE,
    INDEX MainDicomTagsIndex (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: DicomIdentifiers
CREATE TABLE IF NOT EXISTS DicomIdentifiers(
    id BIGINT NOT NULL,
    tagGroup INTEGER NOT NULL,
    tagElement INTEGER NOT NULL,
    value VARCHAR(700),
    PRIMARY KEY (id, tagGroup, tagElement),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE,
    INDEX DicomIdentifiersIndex1 (id),
    INDEX DicomIdentifiersIndex2 (tagGroup, tagElement),
    INDEX DicomIdentifiersIndexValues (value)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: Metadata
CREATE TABLE IF NOT EXISTS Metadata(
    id BIGINT NOT NULL,
    type INTEGER NOT NULL,
    value LONGTEXT,
    revision INTEGER,
    PRIMARY KEY (id, type),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: AttachedFiles
CREATE TABLE IF NOT EXISTS AttachedFiles(
    id BIGINT NOT NULL,
    fileType INTEGER NOT NULL,
    uuid VARCHAR(64) NOT NULL,
    compressedSize BIGINT,
    uncompressedSize BIGINT,
    compressionType INTEGER,
    uncompressedHash VARCHAR(40),
    compressedHash VARCHAR(40),
    revision INTEGER,
    PRIMARY KEY (id, fileType),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: Changes
CREATE TABLE IF NOT EXISTS Changes(
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    changeType INTEGER,
    internalId BIGINT,
    resourceType INTEGER,
    date VARCHAR(64),
    FOREIGN KEY (internalId) REFERENCES Resources(internalId) ON DELETE CASCADE,
    INDEX ChangesIndex (internalId)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: ExportedResources
CREATE TABLE IF NOT EXISTS ExportedResources(
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    resourceType INTEGER,
    publicId VARCHAR(64),
    remoteModality LONGTEXT,
    patientId LONGTEXT,
    studyInstanceUid LONGTEXT,
    seriesInstanceUid LONGTEXT,
    sopInstanceUid LONGTEXT,
    date VARCHAR(64)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: PatientRecyclingOrder
CREATE TABLE IF NOT EXISTS PatientRecyclingOrder(
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    patientId BIGINT NOT NULL,
    FOREIGN KEY (patientId) REFERENCES Resources(internalId) ON DELETE CASCADE,
    INDEX PatientRecyclingIndex (patientId)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: DeletedFiles
CREATE TABLE IF NOT EXISTS DeletedFiles(
    id BIGINT NOT NULL,
    fileType INTEGER,
    uuid VARCHAR(64) NOT NULL,
    compressedSize BIGINT,
    uncompressedSize BIGINT,
    compressionType INTEGER,
    uncompressedHash VARCHAR(40),
    compressedHash VARCHAR(40),
    revision INTEGER
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- name: DeletedResources
CREATE TABLE IF NOT EXISTS DeletedResources(
    internalId BIGINT NOT NULL PRIMARY KEY,
    resourceType INTEGER NOT NULL,
    publicId VARCHAR(64) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin

-- What tells that the rest is there: the last to be written.
-- name: version
INSERT INTO GlobalProperties (property, value) VALUES (1, '6')
