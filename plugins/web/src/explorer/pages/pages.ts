/** The pages beside the list, as one module: in parts they would share many small ones with the list, each a request. */
export { InboxPage } from "../alone/inbox";
export { Landing } from "../alone/landing";
export { Retrieve } from "../alone/retrieve";
export { AuditPage } from "./audit";
export { JobsPage } from "./jobs";
export { MetricsPage } from "./metrics";
export { RemotePage } from "./remote";
export { LabelsPage, PermissionsPage } from "./roles";
export { SettingsPage } from "./settings";
export { StudyPage } from "./study";
export { UploadPage } from "./upload";
export { WorklistDialog, WorklistsPage } from "./worklists";
