"""The Q-networks of heads.py and variants.py: convolutions, dueling, layer norm, noisy, implicit.

Activations of convolutions are [batch, row, column, channel], as are the patches in their weights'
rows: [out, kernel * kernel * in]. A dueling network's last hidden layer has two blocks of rows, the
value stream and the advantage stream; noise and normalisation are drawn and done for each block.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from common import Tensors
from mlp import gradient_of, to_array

COSINES = 64  # of the embedding of taus: cos(pi k tau), k from 0
NORM_EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    inputs: tuple[int, ...]  # (size,), or (rows, columns, channels)
    hidden: tuple[int, ...]
    actions: int
    width: int = 1
    convolutions: tuple[tuple[int, int, int], ...] = ()  # (channels, kernel, stride) each
    dueling: bool = False
    layer_norm: bool = False
    noisy: bool = False
    implicit: bool = False
    residual: bool = False  # each convolution is a stage of Espeholt et al. 2018


class NoiseStream:
    """Uniform numbers of NumPy's PCG64, and normals made of them in pairs (Box and Muller)."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.kept: float | None = None

    def normal(self) -> float:
        if self.kept is not None:
            value, self.kept = self.kept, None
            return value
        radius = math.sqrt(-2 * math.log(1 - self.rng.random()))
        angle = 2 * math.pi * self.rng.random()
        self.kept = radius * math.sin(angle)
        return radius * math.cos(angle)

    def factors(self, size: int) -> Tensor:
        """f(eps) = sign(eps) sqrt(|eps|) of `size` normals, rounded to float32."""
        normals = np.array([self.normal() for _ in range(size)])
        return torch.from_numpy((np.sign(normals) * np.sqrt(np.abs(normals))).astype(np.float32))

    def taus(self, *shape: int) -> Tensor:
        """Takes uniform numbers directly: a normal that is kept stays kept."""
        return torch.from_numpy(self.rng.random(shape).astype(np.float32))


class Dense(nn.Module):
    """Linear in `blocks` equal blocks of outputs, each with its own noise and its own norm."""

    def __init__(
        self, inputs: int, outputs: int, blocks: int = 1, noisy: bool = False, norm: bool = False
    ) -> None:
        super().__init__()
        self.blocks, self.noisy, self.norm = blocks, noisy, norm
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.empty(outputs))
        if noisy:
            self.weight_sigma = nn.Parameter(torch.empty(outputs, inputs))
            self.bias_sigma = nn.Parameter(torch.empty(outputs))
        if norm:
            self.norm_weight = nn.Parameter(torch.empty(outputs))
            self.norm_bias = nn.Parameter(torch.empty(outputs))

    def draw_noise(self, stream: NoiseStream) -> None:
        outputs, inputs = self.weight.shape
        weight_noise, bias_noise = [], []
        for _ in range(self.blocks):
            in_factors = stream.factors(inputs).to(self.weight.dtype)
            out_factors = stream.factors(outputs // self.blocks).to(self.weight.dtype)
            weight_noise.append(torch.outer(out_factors, in_factors))
            bias_noise.append(out_factors)
        self.weight_noise, self.bias_noise = torch.cat(weight_noise), torch.cat(bias_noise)

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.weight, self.bias
        if self.noisy:
            weight = weight + self.weight_sigma * self.weight_noise
            bias = bias + self.bias_sigma * self.bias_noise
        x = functional.linear(x, weight, bias)
        if self.norm:
            x = x.unflatten(-1, (self.blocks, -1))
            x = functional.layer_norm(x, x.shape[-1:], eps=NORM_EPSILON).flatten(-2)
            x = x * self.norm_weight + self.norm_bias
        return x


class Convolution(nn.Module):
    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, padding: int = 0
    ) -> None:
        super().__init__()
        self.kernel, self.stride, self.padding = kernel, stride, padding
        self.weight = nn.Parameter(torch.empty(outputs, kernel * kernel * inputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight.unflatten(1, (self.kernel, self.kernel, -1)).permute(0, 3, 1, 2)
        x = functional.conv2d(x.permute(0, 3, 1, 2), weight, self.bias, self.stride, self.padding)
        return x.permute(0, 2, 3, 1)


CONVOLUTIONS_OF_A_STAGE = 5  # one, and two in each of two residual blocks


class QNetwork(nn.Module):
    """`layers` under the names that they have in the files."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.layers = nn.ModuleDict()
        *size, features = shape.inputs
        for channels, kernel, stride in shape.convolutions:
            if shape.residual:
                for inputs in (features, *[channels] * (CONVOLUTIONS_OF_A_STAGE - 1)):
                    self.add(Convolution(inputs, channels, 3, 1, 1))
                size = [(length - 1) // 2 + 1 for length in size]  # what the pooling leaves
            else:
                self.add(Convolution(features, channels, kernel, stride))
                size = [(length - kernel) // stride + 1 for length in size]
            features = channels
        features *= math.prod(size)
        for i, outputs in enumerate(shape.hidden):
            last = i + 1 == len(shape.hidden)
            if last and shape.implicit:
                self.layers["tau"] = Dense(COSINES, features)
            blocks = 2 if last and shape.dueling else 1
            self.add(Dense(features, blocks * outputs, blocks, shape.noisy, shape.layer_norm))
            features = outputs
        outputs = shape.actions * shape.width
        if shape.dueling:
            self.layers["value"] = Dense(features, shape.width, noisy=shape.noisy)
            self.layers["advantage"] = Dense(features, outputs, noisy=shape.noisy)
        else:
            self.add(Dense(features, outputs, noisy=shape.noisy))

    def add(self, layer: nn.Module) -> None:
        self.layers[str(sum(name.isdigit() for name in self.layers))] = layer

    def draw_noise(self, stream: NoiseStream) -> None:
        for layer in self.layers.values():
            if isinstance(layer, Dense) and layer.noisy:
                layer.draw_noise(stream)

    @torch.no_grad()
    def scale_outputs(self, factor: float) -> None:
        *_, last = self.layers
        for name in ("value", "advantage") if self.shape.dueling else (last,):
            self.layers[name].weight *= factor

    def forward(self, x: Tensor, taus: Tensor | None = None) -> Tensor:
        """-> [batch, actions, width]; implicit, with taus [batch, n]: [batch, n, actions, 1]."""
        shape = self.shape
        for i in range(len(shape.convolutions)):
            x = self.stage(i, x) if shape.residual else functional.relu(self.layers[str(i)](x))
        x = (functional.relu(x) if shape.residual else x).flatten(1)
        for i in range(len(shape.hidden)):
            if shape.implicit and i + 1 == len(shape.hidden):
                x = x.unsqueeze(1) * self.embed(taus)
            x = functional.relu(self.layers[str(self.convolution_count() + i)](x))
        per_action = (shape.actions, shape.width)
        if not shape.dueling:
            output = self.convolution_count() + len(shape.hidden)
            return self.layers[str(output)](x).unflatten(-1, per_action)
        value_features, advantage_features = x.chunk(2, dim=-1)
        value = self.layers["value"](value_features).unsqueeze(-2)
        advantage = self.layers["advantage"](advantage_features).unflatten(-1, per_action)
        return value + advantage - advantage.mean(dim=-2, keepdim=True)

    def convolution_count(self) -> int:
        return sum(isinstance(layer, Convolution) for layer in self.layers.values())

    def stage(self, index: int, x: Tensor) -> Tensor:
        """3x3 convolution, max-pooling, twice x + conv(relu(conv(relu(x)))); padding 1 everywhere."""
        first = CONVOLUTIONS_OF_A_STAGE * index
        enter, *blocks = (self.layers[str(first + i)] for i in range(CONVOLUTIONS_OF_A_STAGE))
        pooled = functional.max_pool2d(enter(x).permute(0, 3, 1, 2), kernel_size=3, stride=2, padding=1)
        x = pooled.permute(0, 2, 3, 1)
        for one, two in zip(blocks[::2], blocks[1::2], strict=True):
            x = x + two(functional.relu(one(functional.relu(x))))
        return x

    def embed(self, taus: Tensor) -> Tensor:
        """[batch, n] -> [batch, n, features]. Cosines in float64: pi k tau is up to 200."""
        cosines = torch.cos(taus.double().unsqueeze(-1) * (math.pi * torch.arange(COSINES)))
        layer = self.layers["tau"]
        return functional.relu(layer(cosines.to(layer.weight.dtype)))


def make_qnetwork(rng: np.random.Generator, shape: Shape) -> QNetwork:
    """Random in every parameter, so that no two can be mistaken for each other."""
    network = QNetwork(shape)
    for layer in network.layers.values():
        bound = layer.weight.shape[1] ** -0.5
        ranges = {
            "weight": (-bound, bound),
            "bias": (-bound, bound),
            "weight_sigma": (0.25 * bound, 0.75 * bound),
            "bias_sigma": (0.25 * bound, 0.75 * bound),
            "norm_weight": (0.5, 1.5),
            "norm_bias": (-0.5, 0.5),
        }
        for name, parameter in layer.named_parameters():
            values = rng.uniform(*ranges[name], tuple(parameter.shape))
            parameter.data.copy_(torch.from_numpy(values))
    return network


def parameters_of(network: QNetwork, prefix: str) -> Tensors:
    named = network.layers.named_parameters()
    return {f"{prefix}.{name}": to_array(parameter) for name, parameter in named}


def gradients_of(network: QNetwork, prefix: str) -> Tensors:
    named = network.layers.named_parameters()
    return {f"{prefix}.{name}_grad": to_array(gradient_of(tensor)) for name, tensor in named}
