// The storage area as Orthanc calls it.
#pragma once

#include "database/storage/area.h"

#include <memory>

namespace orthanc_images::database {

// Registers the area, to be called while the plugin starts, once.
void register_area(std::unique_ptr<Area> area);

// Ends the area. What Orthanc asks for afterwards is an error.
void end_area() noexcept;

} // namespace orthanc_images::database
