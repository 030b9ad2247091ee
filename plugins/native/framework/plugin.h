// What each plugin defines; entry.cc calls it for Orthanc.
#pragma once

namespace orthanc_images {

// Registers what the plugin offers. What it throws goes to the log, and Orthanc does not start.
void start();

// Stops what is running. Orthanc's functions may still be called.
void finish();

} // namespace orthanc_images
