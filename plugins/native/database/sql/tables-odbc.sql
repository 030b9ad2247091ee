-- What must be there beside tables.sql in an index of the plugin Odbc.

-- name: Metadata
SELECT revision FROM Metadata WHERE 1 = 0

-- name: AttachedFiles
SELECT revision FROM AttachedFiles WHERE 1 = 0

-- name: PatientRecyclingOrder
SELECT seq, patientId FROM PatientRecyclingOrder WHERE 1 = 0
