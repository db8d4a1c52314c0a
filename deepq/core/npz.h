// NumPy's .npz archives, as numpy.savez writes them: a zip file whose members are stored, not compressed, each an .npy
// array (numpy/lib/format.py; PKWARE's APPNOTE.TXT, 4.3). Nothing in a file indexes or sizes before it is checked, and
// no code is run: arrays of objects, which NumPy pickles, are left out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "deepq/core/safetensors.h"

namespace deepq {

struct Npz {
  TensorMap arrays;  // by their names, without ".npy"; views into the archive, at any alignment
  std::map<std::string, std::string, std::less<>> others;  // of other types or transposed: name, and what it is
};

// Throws deepq::Error with `source` for a compressed archive (numpy.savez_compressed), and for one that is damaged,
// by its members' checksums, too.
Npz parse_npz(std::string_view archive, const std::string& source);

// CRC-32 as zip has it (ISO 3309): zip_crc("123456789") = 0xCBF43926.
uint32_t zip_crc(std::string_view bytes);

// The archive that numpy.load reads back. Throws deepq::Error for 4 GB or more, which this form of zip cannot hold.
std::string npz_bytes(const TensorMap& arrays);

}  // namespace deepq
