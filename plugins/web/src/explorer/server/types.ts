/** What Orthanc and the plugin answer, as far as the pages use it. */

export type Level = "Patient" | "Study" | "Series" | "Instance";

export type Tags = Readonly<Record<string, string>>;

/** A resource as /tools/find and /studies/ID give it. */
export interface Resource {
  readonly ID: string;
  readonly Type: Level;
  readonly MainDicomTags: Tags;
  readonly PatientMainDicomTags?: Tags;
  readonly RequestedTags?: Tags;
  readonly Labels?: readonly string[];
  readonly LastUpdate?: string;
  readonly IsStable?: boolean;
  readonly IsProtected?: boolean;
  readonly ParentPatient?: string;
  readonly ParentStudy?: string;
  readonly ParentSeries?: string;
  readonly Series?: readonly string[];
  readonly Instances?: readonly string[];
  readonly FileSize?: number;
  readonly IndexInSeries?: number | null;
  readonly Metadata?: Readonly<Record<string, string>>;
}

/** GET /system, in part. */
export interface System {
  readonly Name: string;
  readonly Version: string;
  readonly ApiVersion: number;
  readonly DicomAet: string;
  readonly DicomPort: number;
  readonly DatabaseVersion: number;
  readonly IsHttpServerSecure?: boolean;
  readonly ReadOnly?: boolean;
  readonly HasLabels?: boolean;
  readonly OverwriteInstances?: boolean;
  readonly StorageAreaPlugin?: string | null;
  readonly DatabaseBackendPlugin?: string | null;
  readonly Capabilities?: { readonly HasExtendedFind?: boolean; readonly HasExtendedChanges?: boolean };
}

/** GET /statistics. */
export interface Statistics {
  readonly CountPatients: number;
  readonly CountStudies: number;
  readonly CountSeries: number;
  readonly CountInstances: number;
  readonly TotalDiskSizeMB: number;
  readonly TotalUncompressedSizeMB: number;
}

/** What a plugin says of itself. */
export interface Plugin {
  readonly ID: string;
  readonly Enabled: boolean;
  readonly Version: string;
  readonly Description?: string;
  readonly RootUri?: string;
  readonly DataSource?: string;
}

/** OrthancExplorer2.UiOptions. */
export interface UiOptions {
  readonly [option: string]: unknown;
  readonly StudyListColumns: readonly string[];
  readonly PageLoadSize: number;
  readonly MaxStudiesDisplayed: number;
  readonly DefaultOrdering: string;
  readonly StudyListSearchMode: string;
  readonly StudyListSearchAsYouTypeMinChars: number;
  readonly StudyListSearchAsYouTypeDelay: number;
  readonly StudyListContentIfNoSearch: string;
  readonly ModalitiesFilter: readonly string[];
  readonly AvailableLabels: readonly string[];
  readonly AvailableLanguages: readonly string[];
  readonly DefaultLanguage: string | null;
  readonly DateFormat: string;
  readonly PatientMainTags: readonly string[];
  readonly StudyMainTags: readonly string[];
  readonly SeriesMainTags: readonly string[];
  readonly ViewersOrdering: readonly string[];
  readonly ShowSamePatientStudiesFilter: readonly string[];
  readonly UploadReportTags: readonly string[];
  readonly UploadReportMaxTags: number;
}

/** GET api/configuration. */
export interface Configuration {
  readonly Plugins: Readonly<Record<string, Plugin>>;
  readonly UiOptions: UiOptions;
  readonly Tokens: {
    readonly InstantLinksValidity: number;
    readonly ShareType: string;
    readonly RequiredForLinks: boolean;
  };
  readonly AdvancedOptions: {
    readonly DownloadInstantLinksUseRestApiWithAuthHeaders?: boolean;
    readonly InstantLinksReuseTokenFromUri?: string | null;
  };
  readonly HasCustomLogo: boolean;
  readonly CustomLogoUrl?: string;
  readonly CustomTitle?: string;
  readonly Keycloak: Keycloak | null;
  readonly Profile?: { readonly name?: string; readonly permissions?: readonly string[] } | null;
}

/** OrthancExplorer2.Keycloak. */
export interface Keycloak {
  readonly Url: string;
  readonly Realm: string;
  readonly ClientId: string;
}

/** A job as /jobs?expand gives it. */
export interface Job {
  readonly ID: string;
  readonly Type: string;
  readonly State: "Pending" | "Running" | "Success" | "Failure" | "Paused" | "Retry";
  readonly Progress: number;
  readonly Priority: number;
  readonly CreationTime: string;
  readonly CompletionTime?: string;
  readonly EffectiveRuntime?: number;
  readonly ErrorCode: number;
  readonly ErrorDescription: string;
  readonly ErrorDetails?: string;
  readonly Content: Readonly<Record<string, unknown>>;
}

/** A modality or a DICOM identity, as /modalities?expand gives it. */
export interface Modality {
  readonly AET: string;
  readonly Host: string;
  readonly Port: number;
  readonly RetrieveMethod?: string;
  /** The name of this server for that modality, where it is not the usual one. */
  readonly LocalAet?: string;
}
