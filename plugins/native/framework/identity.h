// Who a plugin is.
#pragma once

namespace orthanc_images {

// What Orthanc shows of a plugin. Each library has one, made by identity.cc.
struct Identity {
    const char *name;
    const char *version;
    const char *description;
};

extern const Identity identity;

} // namespace orthanc_images
