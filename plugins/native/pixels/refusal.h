// What cannot be done with an image, and why.
#pragma once

#include <stdexcept>

namespace orthanc_images::pixels {

// The reason is a part of a sentence, such as "the RLE data of frame 3 ends too early".
class Refusal : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace orthanc_images::pixels
