-- The tables of the official plugin Odbc 1.3, version 6, on PostgreSQL, with its names and columns. Ours
-- differ in what it does not look at: texts compare by their bytes, tags are not cut at 255 characters, and no two
-- resources have one public id. DeletedFiles and DeletedResources are for the official plugin only.

-- name: GlobalProperties
CREATE TABLE GlobalProperties(
    property INTEGER NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C")

-- name: ServerProperties
CREATE TABLE ServerProperties(
    server VARCHAR(64) NOT NULL,
    property INTEGER NOT NULL,
    value TEXT COLLATE "C",
    PRIMARY KEY (server, property))

-- name: Resources
CREATE TABLE Resources(
    internalId BIGSERIAL PRIMARY KEY,
    resourceType INTEGER NOT NULL,
    publicId VARCHAR(64) COLLATE "C" NOT NULL,
    parentId BIGINT)

-- name: ChildrenIndex
CREATE INDEX ChildrenIndex ON Resources(parentId)

-- name: PublicIndex
CREATE UNIQUE INDEX PublicIndex ON Resources(publicId)

-- name: ResourceTypeIndex
CREATE INDEX ResourceTypeIndex ON Resources(resourceType)

-- name: MainDicomTags
CREATE TABLE MainDicomTags(
    id BIGINT NOT NULL,
    tagGroup INTEGER NOT NULL,
    tagElement INTEGER NOT NULL,
    value TEXT COLLATE "C",
    PRIMARY KEY (id, tagGroup, tagElement),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

-- name: MainDicomTagsIndex
CREATE INDEX MainDicomTagsIndex ON MainDicomTags(id)

-- name: DicomIdentifiers
CREATE TABLE DicomIdentifiers(
    id BIGINT NOT NULL,
    tagGroup INTEGER NOT NULL,
    tagElement INTEGER NOT NULL,
    value TEXT COLLATE "C",
    PRIMARY KEY (id, tagGroup, tagElement),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

-- name: DicomIdentifiersIndex1
CREATE INDEX DicomIdentifiersIndex1 ON DicomIdentifiers(id)

-- name: DicomIdentifiersIndex2
CREATE INDEX DicomIdentifiersIndex2 ON DicomIdentifiers(tagGroup, tagElement)

-- name: DicomIdentifiersIndexValues
CREATE INDEX DicomIdentifiersIndexValues ON DicomIdentifiers(value)

-- name: Metadata
CREATE TABLE Metadata(
    id BIGINT NOT NULL,
    type INTEGER NOT NULL,
    value TEXT COLLATE "C",
    revision INTEGER,
    PRIMARY KEY (id, type),
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

-- name: AttachedFiles
CREATE TABLE AttachedFiles(
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
    FOREIGN KEY (id) REFERENCES Resources(internalId) ON DELETE CASCADE)

-- name: Changes
CREATE TABLE Changes(
    seq BIGSERIAL PRIMARY KEY,
    changeType INTEGER,
    internalId BIGINT,
    resourceType INTEGER,
    date VARCHAR(64),
    FOREIGN KEY (internalId) REFERENCES Resources(internalId) ON DELETE CASCADE)

-- name: ChangesIndex
CREATE INDEX ChangesIndex ON Changes(internalId)

-- name: ExportedResources
CREATE TABLE ExportedResources(
    seq BIGSERIAL PRIMARY KEY,
    resourceType INTEGER,
    publicId VARCHAR(64),
    remoteModality TEXT COLLATE "C",
    patientId TEXT COLLATE "C",
    studyInstanceUid TEXT COLLATE "C",
    seriesInstanceUid TEXT COLLATE "C",
    sopInstanceUid TEXT COLLATE "C",
    date VARCHAR(64))

-- name: PatientRecyclingOrder
CREATE TABLE PatientRecyclingOrder(
    seq BIGSERIAL PRIMARY KEY,
    patientId BIGINT NOT NULL,
    FOREIGN KEY (patientId) REFERENCES Resources(internalId) ON DELETE CASCADE)

-- name: PatientRecyclingIndex
CREATE INDEX PatientRecyclingIndex ON PatientRecyclingOrder(patientId)

-- name: DeletedFiles
CREATE TABLE DeletedFiles(
    id BIGINT NOT NULL,
    fileType INTEGER,
    uuid VARCHAR(64) NOT NULL,
    compressedSize BIGINT,
    uncompressedSize BIGINT,
    compressionType INTEGER,
    uncompressedHash VARCHAR(40),
    compressedHash VARCHAR(40),
    revision INTEGER)

-- name: DeletedResources
CREATE TABLE DeletedResources(
    internalId BIGINT NOT NULL PRIMARY KEY,
    resourceType INTEGER NOT NULL,
    publicId VARCHAR(64) COLLATE "C" NOT NULL)

-- What tells that the rest is there: the last to be written.
-- name: version
INSERT INTO GlobalProperties (property, value) VALUES (1, '6')
