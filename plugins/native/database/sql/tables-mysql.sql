-- What must be there beside tables.sql in an index of the plugin MySQL.

-- name: Labels
SELECT id, label FROM Labels WHERE 1 = 0

-- name: GlobalIntegers
SELECT property, value FROM GlobalIntegers WHERE 1 = 0

-- name: PatientRecyclingOrder
SELECT seq, patientId FROM PatientRecyclingOrder WHERE 1 = 0
