// What the operations work with, by name: what the network tells them (pass.h), what they are put together with
// (layout_builder.h) and lowered to (lowering.h).
#pragma once

namespace deepq {

struct Activation;
struct NetworkLayout;
struct Pass;
struct Preparation;
class LayoutBuilder;
class Lowering;

}  // namespace deepq
