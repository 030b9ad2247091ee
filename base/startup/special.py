"""The variables that are not settings: what each one means, and the names of the past."""

TUNING = "SQLITE_INDEX_TUNING"
"""The variable with which an index in SQLite stays as Orthanc makes it."""

SPECIAL = {
    "VERBOSE_STARTUP": "Print each value with its origin, secrets hidden; `secrets` shows them.",
    "VERBOSE_ENABLED": "Start Orthanc with `--verbose`.",
    "TRACE_ENABLED": "Start Orthanc with `--trace`, except for headers of HTTP, which hold passwords.",
    "NO_JOBS": "Start Orthanc with `--no-jobs`.",
    "LOGDIR": "Start Orthanc with `--logdir`: the folder for its log files.",
    "LOGFILE": "Start Orthanc with `--logfile`: its log file; in a folder, the file is `orthanc.log`.",
    "LOGS_THREADNAMES_IN_CONTEXT": "Start Orthanc with `--logs-thread-names-in-context`.",
    "MALLOC_ARENA_MAX": "How many memory pools the threads share; also given to Orthanc as `MallocArenaMax`.",
    "ORTHANC_JSON": "A whole configuration as JSON.",
    "ORTHANC_PASSWORD": "The password of the user `orthanc`.",
    "BEFORE_ORTHANC_STARTUP_SCRIPT": "A command to run before the configuration is read for good.",
    "FORCE_HOST_ID": "The host id, in hexadecimal digits.",
    "GENERATE_HOST_ID_IF_MISSING": "Whether to make a random host id when there is none (default: true).",
    "ORTHANC_FIX_OWNERSHIP": "Started as root: give the storage and log folders to user 999, go on as 999.",
    "MISSING_PLUGINS": "`warn` starts without the plugins that are enabled and absent (default: `refuse`).",
    TUNING: "Whether an index in SQLite gets what keeps it quick as it grows (default: true).",
    "STRICT_CONFIGURATION": "Treat warnings about the configuration as problems.",
}

BOOLEANS = (
    "VERBOSE_ENABLED",
    "TRACE_ENABLED",
    "NO_JOBS",
    "LOGS_THREADNAMES_IN_CONTEXT",
    "GENERATE_HOST_ID_IF_MISSING",
    "ORTHANC_FIX_OWNERSHIP",
    TUNING,
    "STRICT_CONFIGURATION",
)

FROM_FILES = ("ORTHANC_JSON", "ORTHANC_PASSWORD")

LEGACY = {
    "AC_ALLOW_REMOTE": "RemoteAccessAllowed",
    "AC_AUTHENTICATION_ENABLED": "AuthenticationEnabled",
    "AC_REGISTERED_USERS": "RegisteredUsers",
    "AUTHZ_TOKEN_GET_ARGUMENTS": "Authorization.TokenGetArguments",
    "AUTHZ_TOKEN_HTTP_HEADERS": "Authorization.TokenHttpHeaders",
    "AUTHZ_UNCHECKED_FOLDERS": "Authorization.UncheckedFolders",
    "AUTHZ_UNCHECKED_LEVELS": "Authorization.UncheckedLevels",
    "AUTHZ_UNCHECKED_RESOURCES": "Authorization.UncheckedResources",
    "AUTHZ_WEBSERVICE": "Authorization.WebServiceTokenValidationUrl",
    "AZSTOR_ACC_CONNSTR": "AzureBlobStorage.ConnectionString",
    "AZSTOR_CONTAINER": "AzureBlobStorage.ContainerName",
    "DICOM_AET": "DicomAet",
    "DICOM_AET_CHECK_ENABLED": "DicomCheckCalledAet",
    "DICOM_ALWAYS_ALLOW_ECHO_ENABLED": "DicomAlwaysAllowEcho",
    "DICOM_ALWAYS_ALLOW_STORE_ENABLED": "DicomAlwaysAllowStore",
    "DICOM_CHECK_MODALITY_HOST_ENABLED": "DicomCheckModalityHost",
    "DICOM_DICTIONARY": "Dictionary",
    "DICOM_MODALITIES": "DicomModalities",
    "DICOM_PORT": "DicomPort",
    "DICOM_QUERY_RETRIEVE_SIZE": "QueryRetrieveSize",
    "DICOM_SCP_TIMEOUT": "DicomScpTimeout",
    "DICOM_SCU_TIMEOUT": "DicomScuTimeout",
    "DICOM_STRICT_AET_COMPARISON_ENABLED": "StrictAetComparison",
    "DICOM_SYNCHRONOUS_CMOVE": "SynchronousCMove",
    "DICOM_UNKNOWN_SOP_CLASS_ACCEPTED": "UnknownSopClassAccepted",
    "DW_HOST": "DicomWeb.Host",
    "DW_ROOT": "DicomWeb.Root",
    "DW_SERVERS": "DicomWeb.Servers",
    "DW_STOW_MAX_INSTANCES": "",
    "DW_STOW_MAX_SIZE": "",
    "DW_TLS": "DicomWeb.Ssl",
    "DW_WADO_URI_ENABLED": "DicomWeb.EnableWado",
    "DW_WADO_URI_ROOT": "DicomWeb.WadoRoot",
    "EXECUTE_LUA_ENABLED": "ExecuteLuaEnabled",
    "HTTP_CL_CA_CERTS": "HttpsCACertificates",
    "HTTP_CL_PROXY": "HttpProxy",
    "HTTP_CL_TIMEOUT": "HttpTimeout",
    "HTTP_CL_VERIFY_PEERS": "HttpsVerifyPeers",
    "HTTP_KEEP_ALIVE": "KeepAlive",
    "HTTP_PORT": "HttpPort",
    "HTTP_REQUEST_TIMEOUT": "HttpRequestTimeout",
    "HTTP_TCP_NODELAY": "TcpNoDelay",
    "HTTP_VERBOSE": "HttpVerbose",
    "IMPORT_OVERWRITE_INSTANCES": "OverwriteInstances",
    "LISTENER_LISTEN_ALL_ADDR": "RemoteAccessAllowed",
    "LOCALE": "Locale",
    "LUA_OPTIONS": "",
    "LUA_SCRIPTS": "LuaScripts",
    "NAME": "Name",
    "OE2_ENABLED": "OrthancExplorer2.IsDefaultOrthancUI",
    "PEERS": "OrthancPeers",
    "PG_DB": "PostgreSQL.Database",
    "PG_HOST": "PostgreSQL.Host",
    "PG_INDEX_ENABLED": "PostgreSQL.EnableIndex",
    "PG_LOCK": "PostgreSQL.Lock",
    "PG_PASSWORD": "PostgreSQL.Password",
    "PG_PORT": "PostgreSQL.Port",
    "PG_SSL": "PostgreSQL.EnableSsl",
    "PG_STORAGE_ENABLED": "PostgreSQL.EnableStorage",
    "PG_USER": "PostgreSQL.Username",
    "PLUGINS": "Plugins",
    "SCHED_JOBS_HISTORY_SIZE": "JobsHistorySize",
    "SCHED_MAX_CONCURRENT_JOBS": "ConcurrentJobs",
    "SCHED_MAX_QUEUED_JOBS": "",
    "SCHED_SAVE_JOBS": "SaveJobs",
    "SERVEFOLDERS_ALLOW_CACHE": "ServeFolders.AllowCache",
    "SERVEFOLDERS_EXTENSIONS": "ServeFolders.Extensions",
    "SERVEFOLDERS_FOLDERS": "ServeFolders.Folders",
    "SERVEFOLDERS_GENERATE_ETAGS": "ServeFolders.GenerateETag",
    "STABLE_AGE": "StableAge",
    "STORAGE_ACCESS_ON_FIND": "StorageAccessOnFind",
    "STORAGE_DIR": "StorageDirectory",
    "STORAGE_MAX_PATIENTS": "MaximumPatientCount",
    "STORAGE_MAX_SIZE": "MaximumStorageSize",
    "STORE_DICOM": "StoreDicom",
    "TRANSFERS_BUCKET_SIZE": "Transfers.BucketSize",
    "TRANSFERS_CACHE_SIZE": "Transfers.CacheSize",
    "TRANSFERS_MAX_PUSH_TRANSACTIONS": "Transfers.MaxPushTransactions",
    "TRANSFERS_RETRIES": "Transfers.MaxHttpRetries",
    "TRANSFERS_THREADS": "Transfers.Threads",
    "USERMETADATA": "UserMetadata",
    "WL_STORAGE_DIR": "Worklists.Database",
    "WVB_ANNOTATIONS_STORAGE_ENABLED": "WebViewer.AnnotationStorageEnabled",
    "WVB_COMBINED_TOOL_ENABLED": "WebViewer.CombinedToolEnabled",
    "WVB_CROSS_HAIR_ENABLED": "WebViewer.CrossHairEnabled",
    "WVB_DEFAULT_SELECTED_TOOL": "WebViewer.DefaultSelectedTool",
    "WVB_DOWNLOAD_AS_JPEG_ENABLED": "WebViewer.DownloadAsJpegEnabled",
    "WVB_INSTANCE_INFO_CACHE_ENABLED": "WebViewer.InstanceInfoCacheEnabled",
    "WVB_KEYBOARD_SHORTCUTS_ENABLED": "WebViewer.KeyboardShortcutsEnabled",
    "WVB_KEY_IMAGE_CAPTURE_ENABLED": "WebViewer.KeyImageCaptureEnabled",
    "WVB_LANGUAGE": "WebViewer.DefaultLanguage",
    "WVB_OPEN_ALL_PATIENT_STUDIES": "WebViewer.OpenAllPatientStudies",
    "WVB_PRINT_ENABLED": "WebViewer.PrintEnabled",
    "WVB_REFERENCE_LINES_ENABLED": "WebViewer.ReferenceLinesEnabled",
    "WVB_SERIES_TO_IGNORE": "WebViewer.SeriesToIgnore",
    "WVB_STUDY_DOWNLOAD_ENABLED": "WebViewer.StudyDownloadEnabled",
    "WVB_SYNCHRONIZED_BROWSING_ENABLED": "WebViewer.SynchronizedBrowsingEnabled",
    "WVB_TOGGLE_OVERLAY_TEXT_BUTTON_ENABLED": "WebViewer.ToggleOverlayTextButtonEnabled",
    "WVB_VIDEO_ENABLED": "WebViewer.VideoDisplayEnabled",
}

FORMER = {
    "AUTHZ_ENABLED": "AUTHORIZATION_PLUGIN_ENABLED",
    "AZSTOR_ENABLED": "AZURE_BLOB_STORAGE_PLUGIN_ENABLED",
    "BUNDLE_DEBUG": "VERBOSE_STARTUP",
    "DW_ENABLED": "DICOM_WEB_PLUGIN_ENABLED",
    "MYSQL_ENABLED": "MYSQL_PLUGIN_ENABLED",
    "OWV_ENABLED": "ORTHANC_WEB_VIEWER_PLUGIN_ENABLED",
    "PG_ENABLED": "POSTGRESQL_PLUGIN_ENABLED",
    "SERVEFOLDERS_ENABLED": "SERVE_FOLDERS_PLUGIN_ENABLED",
    "TRANSFERS_ENABLED": "TRANSFERS_PLUGIN_ENABLED",
    "WL_ENABLED": "WORKLISTS_PLUGIN_ENABLED",
    "WSI_ENABLED": "WSI_PLUGIN_ENABLED",
    "WVB_ALPHA_ENABLED": "OSIMIS_WEB_VIEWER1_ALPHA_PLUGIN_ENABLED",
    "WVB_ENABLED": "OSIMIS_WEB_VIEWER1_PLUGIN_ENABLED",
}

HARMLESS = (
    "BUNDLE_DEBUG",
    "HTTP_PORT",
    "LOCALE",
    "NAME",
    "OE2_ENABLED",
    "PEERS",
    "PLUGINS",
    "STORAGE_DIR",
    "USERMETADATA",
)
"""The names of the past that other programs and orchestrators set as well, or that need stop no start:
BUNDLE_DEBUG changed no setting, and OE2_ENABLED only which page comes first."""

PATHS = "ORTHANC_STARTUP_PATHS"
"""The variable by which Orthanc's process remembers the files that the container's arguments named."""

SERVICE_ENDS = ("_SERVICE_HOST", "_SERVICE_PORT")
SCHEMES = ("tcp://", "udp://", "sctp://")


def is_service_link(name: str, value: str) -> bool:
    """Tell whether the variable is one that Kubernetes and Docker links set for a service of that name."""
    if name.endswith(SERVICE_ENDS) or "_SERVICE_PORT_" in name:
        return True
    if name.endswith("_PORT") and value.startswith(SCHEMES):
        return True
    head, _, tail = name.rpartition("_PORT_")
    number, _, protocol = tail.partition("_")
    return bool(head) and number.isdecimal() and protocol.split("_")[0] in ("TCP", "UDP", "SCTP")
