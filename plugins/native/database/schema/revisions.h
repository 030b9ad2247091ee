// The versions and revisions of the tables that are known here.
#pragma once

namespace orthanc_images::database {

// The version of Orthanc's schema, the same in all.
constexpr int known_version = 6;

// The newest revisions of the official plugins, for each section.
constexpr int postgresql_revision = 10;
constexpr int mysql_revision = 8;
constexpr int odbc_revision = 1;

// The revisions of the tables that these images add, OrthancImages…
constexpr int mysql_own_revision = 2;
constexpr int odbc_own_revision = 1;

} // namespace orthanc_images::database
