-- What `config check --connect` asks.

-- name: index
SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'GlobalProperties'

-- name: storage
SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'StorageArea'

-- name: properties
SELECT property, value FROM GlobalProperties WHERE property IN (1, 4)

-- name: size
SELECT pages.page_count * sizes.page_size FROM pragma_page_count() AS pages, pragma_page_size() AS sizes

-- The rights to a file are those of the file.
-- name: rights-to-work
SELECT 'none' WHERE 1 = 0

-- name: rights-to-make
SELECT 'none' WHERE 1 = 0
