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

}  // namespace deepq::protobuf
