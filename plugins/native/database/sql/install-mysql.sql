-- The tables of revision 8 (version 6), each only if it is missing: MySQL commits after each statement that makes
-- something, so an installation that was cut short goes on where it was. Where it is not said otherwise, names and
-- types are those of the official plugin. Its texts compare without case; here they compare byte by byte, as in
-- Orthanc's own index.

-- name: create_global_properties
CREATE TABLE IF NOT EXISTS GlobalProperties (
    property INTEGER PRIMARY KEY,
    value LONGTEXT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_server_properties
CREATE TABLE IF NOT EXISTS ServerProperties (
    server VARCHAR(64) NOT NULL,
    property INTEGER,
    value LONGTEXT,
    PRIMARY KEY (server, property)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_global_integers
CREATE TABLE IF NOT EXISTS GlobalIntegers (
    property INTEGER PRIMARY KEY,
    value BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_resources
CREATE TABLE IF NOT EXISTS Resources (
    internalId BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    resourceType INTEGER NOT NULL,
    publicId VARCHAR(64) NOT NULL,
    parentId BIGINT,
    KEY ChildrenIndex (parentId),
    UNIQUE KEY PublicIndex (publicId),
    KEY ResourceTypeIndex (resourceType, publicId)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_main_dicom_tags
CREATE TABLE IF NOT EXISTS MainDicomTags (
    id BIGINT NOT NULL,
    tagGroup INTEGER NOT NULL,
    tagElement INTEGER NOT NULL,
    value VARCHAR(256),
    PRIMARY KEY (id, tagGroup, tagElement),
    KEY MainDicomTagsIndex (id),
    CONSTRAINT MainDicomTags1 FOREIGN KEY (id) REFERENCES Resources (internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_dicom_identifiers
CREATE TABLE IF NOT EXISTS DicomIdentifiers (
    id BIGINT NOT NULL,
    tagGroup INTEGER NOT NULL,
    tagElement INTEGER NOT NULL,
    value VARCHAR(256),
    PRIMARY KEY (id, tagGroup, tagElement),
    KEY DicomIdentifiersIndex1 (id),
    KEY DicomIdentifiersIndex2 (tagGroup, tagElement, value),
    KEY DicomIdentifiersIndexValues (value),
    CONSTRAINT DicomIdentifiers1 FOREIGN KEY (id) REFERENCES Resources (internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_metadata
CREATE TABLE IF NOT EXISTS Metadata (
    id BIGINT NOT NULL,
    type INTEGER NOT NULL,
    value LONGTEXT,
    PRIMARY KEY (id, type),
    CONSTRAINT Metadata1 FOREIGN KEY (id) REFERENCES Resources (internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_attached_files
CREATE TABLE IF NOT EXISTS AttachedFiles (
    id BIGINT NOT NULL,
    fileType INTEGER NOT NULL,
    uuid VARCHAR(64) NOT NULL,
    compressedSize BIGINT,
    uncompressedSize BIGINT,
    compressionType INTEGER,
    uncompressedHash VARCHAR(40),
    compressedHash VARCHAR(40),
    PRIMARY KEY (id, fileType),
    KEY OrthancImagesUuid (uuid(8)),
    CONSTRAINT AttachedFiles1 FOREIGN KEY (id) REFERENCES Resources (internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_changes
CREATE TABLE IF NOT EXISTS Changes (
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    changeType INTEGER,
    internalId BIGINT NOT NULL,
    resourceType INTEGER,
    date VARCHAR(64),
    KEY ChangesIndex (internalId),
    CONSTRAINT Changes1 FOREIGN KEY (internalId) REFERENCES Resources (internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_exported_resources
CREATE TABLE IF NOT EXISTS ExportedResources (
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    resourceType INTEGER,
    publicId VARCHAR(64),
    remoteModality TEXT,
    patientId VARCHAR(64),
    studyInstanceUid TEXT,
    seriesInstanceUid TEXT,
    sopInstanceUid TEXT,
    date VARCHAR(64)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_patient_recycling_order
CREATE TABLE IF NOT EXISTS PatientRecyclingOrder (
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    patientId BIGINT NOT NULL,
    KEY PatientRecyclingIndex (patientId),
    CONSTRAINT PatientRecyclingOrder1 FOREIGN KEY (patientId) REFERENCES Resources (internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- name: create_labels
CREATE TABLE IF NOT EXISTS Labels (
    id BIGINT NOT NULL,
    label VARCHAR(64) NOT NULL,
    PRIMARY KEY (id, label),
    KEY LabelsIndex1 (id),
    KEY LabelsIndex2 (label),
    CONSTRAINT Labels1 FOREIGN KEY (id) REFERENCES Resources (internalId) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

-- Only the official plugin uses it.
-- name: create_deleted_files
CREATE TABLE IF NOT EXISTS DeletedFiles (
    uuid VARCHAR(64) NOT NULL,
    fileType INTEGER,
    compressedSize BIGINT,
    uncompressedSize BIGINT,
    compressionType INTEGER,
    uncompressedHash VARCHAR(40),
    compressedHash VARCHAR(40)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
