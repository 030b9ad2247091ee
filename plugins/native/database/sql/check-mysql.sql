-- What `config check --connect` asks.

-- name: index
SELECT COUNT(*) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name = 'GlobalProperties'

-- name: storage
SELECT COUNT(*) FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name = 'StorageArea'

-- name: properties
SELECT property, value FROM GlobalProperties WHERE property IN (1, 4)

-- name: size
SELECT CAST(COALESCE(SUM(data_length + index_length), 0) AS SIGNED) FROM information_schema.tables
WHERE table_schema = DATABASE()

-- The rights that a server needs each day. Those that come with a role are not in these lists: with one, nothing is
-- said to lack.
-- name: rights-to-work
SELECT needed.privilege FROM (
    SELECT 'SELECT' AS privilege UNION ALL SELECT 'INSERT' UNION ALL SELECT 'UPDATE' UNION ALL SELECT 'DELETE'
    UNION ALL SELECT 'EXECUTE'
) AS needed
WHERE NOT EXISTS (
    SELECT 1 FROM information_schema.user_privileges AS given
    WHERE given.privilege_type = needed.privilege
      AND given.grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
) AND NOT EXISTS (
    SELECT 1 FROM information_schema.schema_privileges AS given
    WHERE given.privilege_type = needed.privilege AND DATABASE() LIKE given.table_schema
      AND given.grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
) AND NOT EXISTS (
    SELECT 1 FROM information_schema.enabled_roles WHERE role_name IS NOT NULL
)

-- The rights to make and change tables.
-- name: rights-to-make
SELECT needed.privilege FROM (
    SELECT 'CREATE' AS privilege UNION ALL SELECT 'ALTER' UNION ALL SELECT 'DROP' UNION ALL SELECT 'INDEX'
    UNION ALL SELECT 'REFERENCES' UNION ALL SELECT 'TRIGGER' UNION ALL SELECT 'CREATE ROUTINE'
    UNION ALL SELECT 'ALTER ROUTINE'
) AS needed
WHERE NOT EXISTS (
    SELECT 1 FROM information_schema.user_privileges AS given
    WHERE given.privilege_type = needed.privilege
      AND given.grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
) AND NOT EXISTS (
    SELECT 1 FROM information_schema.schema_privileges AS given
    WHERE given.privilege_type = needed.privilege AND DATABASE() LIKE given.table_schema
      AND given.grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
) AND NOT EXISTS (
    SELECT 1 FROM information_schema.enabled_roles WHERE role_name IS NOT NULL
)

-- Whether the plugin MySQL has added what is its own, which ends with this procedure.
-- name: extended
SELECT COUNT(*) FROM information_schema.routines
WHERE routine_schema = DATABASE() AND routine_name = 'OrthancImagesClearChanges'

-- The right to create triggers where the server keeps a binary log.
-- name: rights-beside-a-log
SELECT 'SUPER (or set log_bin_trust_function_creators = 1 in the server, which keeps a binary log)'
WHERE @@log_bin AND NOT @@log_bin_trust_function_creators AND NOT EXISTS (
    SELECT 1 FROM information_schema.user_privileges AS given
    WHERE given.privilege_type = 'SUPER'
      AND given.grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
)
