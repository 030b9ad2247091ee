// Pixels as arrays of NumPy: the routes of Orthanc's REST API that would decode images in the server itself.
#pragma once

namespace orthanc_images::pixels {

// Answers /instances/{id}/numpy, /instances/{id}/frames/{frame}/numpy and /series/{id}/numpy, with the
// arguments that Orthanc's own routes have: `rescale` (true by default: values of grey are multiplied and
// shifted as the attributes say, and given as numbers of 32 bits) and `compress` (false: .npy, true: .npz).
void serve_numpy();

} // namespace orthanc_images::pixels
