-- What each session of the driver begins with. $1 is the schema, the only one that names are looked up in.
-- name: session
SELECT current_setting('server_version_num')::integer,
       current_setting('server_encoding'),
       namespace.oid IS NOT NULL,
       coalesce(has_schema_privilege(namespace.oid, 'USAGE'), false),
       pg_is_in_recovery(),
       set_config('search_path', quote_ident($1), false),
       set_config('bytea_output', 'hex', false),
       set_config('datestyle', 'ISO, MDY', false),
       set_config('standard_conforming_strings', 'on', false),
       set_config('tcp_keepalives_idle', '30', false),
       set_config('tcp_keepalives_interval', '10', false),
       set_config('tcp_keepalives_count', '3', false),
       CASE WHEN current_setting('server_version_num')::integer >= 110000
            THEN set_config('jit', 'off', false) END
FROM (SELECT) AS one
LEFT JOIN pg_namespace AS namespace ON namespace.nspname = $1
