"""How much one request may need: one frozen value, made by the settings and passed as an argument."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits in force. Bytes, counts, flop and seconds, as each name says; what is over one is refused, not cut."""

    source_bytes: int = 64 * 1024
    nodes: int = 200_000
    drawn_nodes: int = 20_000
    elements: int = 4_000_000
    flops: int = 2_000_000_000
    seconds: float = 2.0
    nesting: int = 100
    head_bytes: int = 64 * 1024
    url_bytes: int = 8 * 1024
    body_bytes: int = 1024 * 1024
    batch_body_bytes: int = 8 * 1024 * 1024
    state_bytes: int = 256 * 1024
    name_length: int = 200
    loop_turns: int = 1_000_000
    loop_steps: int = 2_000_000
    axes: int = 64
    png_side: int = 16_384
    png_pixels: int = 64_000_000
    answer_bytes: int = 32 * 1024 * 1024
    train_steps: int = 10_000
    paths: int = 1_000
    batch_requests: int = 1_000
    batch_points: int = 100_000
    sweep_points: int = 20_000
    sweep_cells: int = 250_000
    queue_seconds: float = 1.0
    receive_seconds: float = 20.0
    shutdown_seconds: float = 10.0
    errors: int = 20


# For what runs in process (library, command line, benchmarks): the machine is the user's own.
UNLIMITED = Limits(
    source_bytes=1 << 40, nodes=1 << 40, drawn_nodes=1 << 40, elements=1 << 40, flops=1 << 60, seconds=float("inf"),
    loop_turns=1 << 40, loop_steps=1 << 40, answer_bytes=1 << 40,
)  # fmt: skip
