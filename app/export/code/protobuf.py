"""Protocol buffers' wire format as far as ONNX needs it: https://protobuf.dev/programming-guides/encoding/."""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from app.ops.algebra import Shape

Kind = Literal["double", "int64", "bool"]
TYPES = {"double": 11, "int64": 7, "bool": 9}  # onnx.proto, TensorProto.DataType
BYTES = {"double": "<f8", "int64": "<i8", "bool": "?"}
IR_VERSION, OPSET = 8, 18  # the first that has axes as inputs of every reduction
FLOAT, INT, STRING, INTS = 1, 2, 3, 7  # AttributeProto.AttributeType
Attribute = int | float | str | Sequence[int]


def varint(value: int) -> bytes:
    """An integer, seven bits a byte, negative ones as 64 bits."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """A field that holds an integer."""
    return varint(field << 3) + varint(value)


def block(field: int, content: bytes | str) -> bytes:
    """A field that holds a text, bytes or a message."""
    raw = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def tensor(name: str, value: object, kind: Kind) -> bytes:
    """A TensorProto."""
    array = np.asarray(value, dtype=BYTES[kind])
    dims = b"".join(number(1, size) for size in array.shape)
    return dims + number(2, TYPES[kind]) + block(8, name) + block(9, np.ascontiguousarray(array).tobytes())


def value_info(name: str, shape: Shape) -> bytes:
    """A ValueInfoProto of doubles."""
    dims = b"".join(block(1, number(1, size)) for size in shape)
    return block(1, name) + block(2, block(1, number(1, TYPES["double"]) + block(2, dims)))


def attribute(name: str, value: Attribute) -> bytes:
    """An AttributeProto."""
    match value:
        case int():
            held = number(3, value) + number(20, INT)
        case float():
            held = varint(2 << 3 | 5) + np.float32(value).astype("<f4").tobytes() + number(20, FLOAT)
        case str():
            held = block(4, value) + number(20, STRING)
        case _:
            held = b"".join(number(8, each) for each in value) + number(20, INTS)
    return block(1, name) + held


def node(kind: str, inputs: Iterable[str], output: str, **attributes: Attribute) -> bytes:
    """A NodeProto."""
    return (
        b"".join(block(1, name) for name in inputs)
        + block(2, output)
        + block(3, output)
        + block(4, kind)
        + b"".join(block(5, attribute(*each)) for each in attributes.items())
    )


def model(
    nodes: Iterable[bytes], initializers: Iterable[bytes], inputs: Iterable[bytes], outputs: Iterable[bytes]
) -> bytes:
    """A ModelProto. An initializer that is called as an input is that one's default."""
    graph = (
        b"".join(block(1, each) for each in nodes)
        + block(2, "circuit")
        + b"".join(block(5, each) for each in initializers)
        + b"".join(block(11, each) for each in inputs)
        + b"".join(block(12, each) for each in outputs)
    )
    return number(1, IR_VERSION) + block(2, "gradwire") + block(7, graph) + block(8, block(1, "") + number(2, OPSET))
