// Messages of protocol buffers (protobuf.dev, "Encoding"), written field by field to the end of a string. What a field
// holds is up to the caller, who knows the message's .proto; a message within a message is a text field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace deepq::protobuf {

void put_int(std::string& out, uint32_t field, int64_t number);
void put_float(std::string& out, uint32_t field, float number);
void put_double(std::string& out, uint32_t field, double number);
void put_text(std::string& out, uint32_t field, std::string_view bytes);

// Begins a text field of `size` bytes, which the caller appends: for messages that are never put together elsewhere.
void begin_text(std::string& out, uint32_t field, size_t size);

// What a text field of `size` bytes takes, with a field number below 16.
size_t text_field_size(size_t size);

// Goes through the fields of a message, whoever wrote it.
class Reader {
 public:
  explicit Reader(std::string_view message) : rest_(message) {}

  // The next field, or false at the end, and where the message is damaged (is_damaged()).
  bool next();
  bool is_damaged() const { return damaged_; }

  uint32_t field() const { return field_; }
  int64_t number() const { return static_cast<int64_t>(number_); }  // of a whole number
  std::string_view bytes() const { return bytes_; }                 // of a text; the 4 or 8 bytes of a real number

 private:
  bool take_varint(uint64_t& value);
  bool take_bytes(uint64_t size);

  std::string_view rest_, bytes_;
  uint32_t field_ = 0;
  uint64_t number_ = 0;
  bool damaged_ = false;
};

}  // namespace deepq::protobuf
