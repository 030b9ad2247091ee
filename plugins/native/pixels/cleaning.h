// What else of a dataset shows its pixels.
#pragma once

#include "pixels/transcoding.h"

class DcmItem;

namespace orthanc_images::pixels {

// Removes the marker; where something is masked, overlays become empty there, and sequences with pictures of
// their own (icons) go, as do the least and the greatest value of the pixels.
void clean(DcmItem &dataset, const Masking &masking);

} // namespace orthanc_images::pixels
