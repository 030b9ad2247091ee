-- What `config check --connect` asks.

-- name: index
SELECT CASE WHEN to_regclass('globalproperties') IS NULL THEN 0 ELSE 1 END

-- name: storage
SELECT CASE WHEN to_regclass('storagearea') IS NULL THEN 0 ELSE 1 END

-- name: properties
SELECT property, value FROM GlobalProperties WHERE property IN (1, 4)

-- name: size
SELECT pg_database_size(current_database())

-- The rights that a server needs each day. Tables of others may be there too.
-- name: rights-to-work
SELECT DISTINCT privilege || ' on the tables'
FROM pg_class
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
WHERE relnamespace = current_schema()::regnamespace
  AND relkind = 'r'
  AND relname IN ('attachedfiles', 'globalproperties', 'maindicomtags', 'metadata', 'resources', 'storagearea')
  AND NOT has_table_privilege(pg_class.oid, privilege)
ORDER BY 1

-- The rights to make and change tables.
-- name: rights-to-make
SELECT 'CREATE in the schema ' || current_schema()
WHERE NOT has_schema_privilege(current_schema(), 'CREATE')
UNION ALL
SELECT 'ownership of the tables'
WHERE EXISTS (SELECT 1 FROM pg_class
              WHERE relnamespace = current_schema()::regnamespace
                AND relkind = 'r'
                AND relname IN ('globalproperties', 'resources', 'storagearea')
                AND NOT pg_has_role(relowner, 'USAGE'))
