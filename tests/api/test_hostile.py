"""Programs and bodies made to hurt: each is answered or refused, quickly, in the same form, and the server lives on."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.service import API

pytestmark = pytest.mark.asyncio(loop_scope="session")
DOUBLING = "def f0(x):\n    return x*x\n" + "".join(
    f"def f{i}(x):\n    return f{i - 1}(x) + f{i - 1}(x*{i})\n" for i in range(1, 40)
)
DEEP = "h = x\nfor i in range(2000):\n    h = sin(h)\nh"
DENSE = [{"source": i, "target": j} for i in range(300) for j in range(i + 1, min(300, i + 60))]
ROWS = "import torch.nn as nn\na = nn.Sequential()\n"
SOURCES = {
    "minus signs": "-" * 60_000 + "x",
    "open parentheses": "(" * 10_000,
    "closed parentheses": "(" * 10_000 + "x" + ")" * 10_000,
    "brackets": "[" * 5_000 + "]" * 5_000,
    "not not": "not " * 10_000 + "x",
    "a hexadecimal integer": "0x" + "f" * 60_000,
    "a decimal integer": "9" * 60_000,
    "1e999": "x + 1e999",
    "a nul": "x\0y",
    "a power of integers": "L = 9**9**9\nx*L",
    "a power of integers in a range": "for i in range(9**9**9):\n    x = x + 1\nx",
    "a power tower": "**".join(["x"] * 5000),
    "a long sum": "+".join(["x"] * 20_000),
    "a long product of sums": "*".join(["(x+y)"] * 9_000),
    "a chain of comparisons": "<".join(["x"] * 20_000),
    "attributes": "x" + ".T" * 20_000,
    "calls of calls": "sin(" * 5_000 + "x" + ")" * 5_000,
    "doubling calls": DOUBLING + "f39(x)",
    "recursion": "def f(x):\n    return f(x)\nf(x)",
    "mutual recursion": "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\nf(x)",
    "nested loops": "".join("    " * i + f"for i{i} in range(1000):\n" for i in range(8)) + "    " * 8 + "x = x + 1\nx",
    "an endless loop": "for i in range(10**12):\n    x = x*2\nx",
    "an empty endless loop": "for i in range(10**9):\n    pass\nx",
    "while": "while True:\n    x = x\nx",
    "a large tensor": "zeros(100000, 100000)",
    "a large identity": "eye(1000000000)",
    "a large range": "arange(1e12)",
    "a large product": "ones(1900, 1900) @ ones(1900, 1900)",
    "many products": "W = ones(500, 500)\nfor i in range(1000):\n    W = W @ W\nsum(W)",
    "a negative size": "zeros(-1)",
    "a size that overflows": "zeros(10**18, 10**18)",
    "a large reshape": "x.reshape(1000000000, 1000000000)",
    "a large broadcast": "broadcast_to(x, (100000, 100000))",
    "a large one_hot": "one_hot([1, 2], 1000000000)",
    "a large padding": "pad([1, 2], 1000000000)",
    "many axes": "x[" + ",".join(["None"] * 500) + "]",
    "an outer product": "outer(ones(100000), ones(100000))",
    "an einsum": "einsum('ij,jk,kl,lm,mn,no,op,pq->iq', *[ones(50,50)]*8)",
    "an einsum of one tensor": "einsum('abcdefgh,ijklmnop->abcdefghijklmnop', x, y)",
    "a convolution": "conv2d(ones(8, 64, 128, 128), ones(64, 64, 3, 3))",
    "a sequence times": "x * [1, 2] * 10**9",
    "a list times": "[x] * 10**9",
    "a comprehension": "[x*i for i in range(10**9)]",
    "comprehensions": "[[[x for i in range(1000)] for j in range(1000)] for k in range(1000)]",
    "derivatives": "y = sin(x)*exp(x)/tanh(x)\n" + "y = grad(y, x)\n" * 30 + "y",
    "derivatives of a power": "y = x**x**x\n" + "y = grad(y, x)\n" * 12 + "y",
    "a fan-out of slices": "x = ones(1000)\n" + "+".join(f"x[{i}]" for i in range(1000)),
    "a long name": "a" * 60_000,
    "many names": "\n".join(f"v{i} = x" for i in range(8_000)),
    "many assignments at once": "=".join(f"v{i}" for i in range(8_000)) + "= x",
    "many errors": "\n".join(f"foo{i}(x)" for i in range(5_000)),
    "many semicolons": ";" * 60_000,
    "backslashes": "\\\n" * 30_000,
    "blank lines": "\n" * 60_000,
    "indentation": "\n".join(" " * i + "if x:" for i in range(300)),
    "an f-string": 'f"{x}"' * 1_000,
    "a string": "'" + "a" * 60_000,
    "a comment": "#" + "é" * 30_000,
    "bidirectional controls": "x\u202e*y # \u2066",
    "vertical tabs": "x\x0b+\x0cy\x1c\x1d\x85\u2028z",
    "carriage returns": "a = x\rb = y\r\na*b",
    "an import": "import os\nos.system('true')",
    "a dunder": "x.__class__.__bases__[0].__subclasses__()",
    "eval": "eval('1')",
    "an escape by format": "'{0.__class__}'.format(x)",
    "a lambda": "(lambda f: f(f))(lambda f: f(f))",
    "walrus": "(y := x) + y",
    "await": "await x",
    "a star": "f(*x, **y)",
    "a decorator": "@f\ndef g(x):\n    return x\ng(x)",
    "a class": "class A:\n    x = 1\nA",
    "rows of modules in rows": ROWS + "for i in range(3000):\n    a = nn.Sequential(a)\na(x)",
    "rows of modules doubled": ROWS + "for i in range(40):\n    a = nn.Sequential(a, a)\na(x)",
    "rows of modules doubled, then trained": ROWS + "for i in range(60):\n    a = nn.Sequential(a, a)\na.train()\nx",
    "windows in no groups": "import torch.nn as nn\nnn.Conv2d(2, 2, 1, groups=0)(x)",
    "surrogates by escape": "x # \\ud800",
    "emoji": "😀*2",
    "fullwidth": "\uff58\uff0b\uff59",
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("path", ["/graph", "/check", "/graph.svg"])
async def test_a_hostile_program_is_answered_or_refused(client: httpx.AsyncClient, name: str, path: str) -> None:
    for options in ({}, {"partial": True}) if path == "/graph" else ({},):
        begun = time.monotonic()
        response = await client.post(API + path, json={"source": SOURCES[name], **options})
        assert time.monotonic() - begun < 6  # the deadline, a worker's start, and a loaded machine
        assert response.status_code in {200, 422}, response.text[:300]
        if response.status_code == 422:
            found = response.json()
            assert response.headers["content-type"] == "application/problem+json"
            assert found["errors"][0]["code"]
            assert len(response.content) < 64_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"source":' * 5_000,
        b'{"a":' * 50_000,
        b'{"source":"x","inputs":{"x":' + b"[" * 60 + b"1" + b"]" * 60 + b"}}",
        b'{"source":"x","inputs":{"x":' + b"[" * 500 + b"1" + b"]" * 500 + b"}}",
        b'{"source":"x","inputs":{"x":[' + b"[]," * 100_000 + b"[]]}}",
        b'{"source":"x","inputs":{"x":[' + b"1," * 300_000 + b"1]}}",
        b'{"source":"x","inputs":{' + b",".join(b'"a%d":1' % i for i in range(60_000)) + b"}}",
        b'{"source":"x","inputs":{"x":1e400}}',
        b'{"source":"x","inputs":{"x":' + b"9" * 100_000 + b"}}",
        b'{"source":"x","include":[' + b'"layout",' * 50_000 + b'"layout"]}',
        b'{"source":"x","collapse":[' + b'"a",' * 50_000 + b'"a"]}',
        b'{"source":"x","source":"y"}',
        b'{"source":"x","__proto__":{"a":1},"constructor":1}',
    ],
)
async def test_a_hostile_body_is_answered_or_refused(client: httpx.AsyncClient, body: bytes) -> None:
    begun = time.monotonic()
    response = await client.post(f"{API}/graph", content=body, headers={"content-type": "application/json"})
    assert time.monotonic() - begun < 6
    assert response.status_code in {200, 400, 422}, response.text[:300]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/paths", {"source": "h = x\nfor i in range(2000):\n    h = h + h*h\nh", "input": "x", "k": 1000}),
        ("/paths", {"source": "h = x\nfor i in range(5000):\n    h = h + h*h\nh", "input": "x", "by": "length"}),
        ("/sweep", {"source": DEEP, "input": "x", "start": 0, "stop": 1, "num": 20000}),
        ("/sweep", {"source": "x", "input": "x", "start": -1e308, "stop": 1e308, "num": 5}),
        ("/train", {"source": "sum((ones(300, 300)*w)**2)", "steps": 10000}),
        ("/gradcheck", {"source": "sum(W @ W @ W)", "inputs": {"W": [[1.0] * 60] * 60}}),
        ("/backward", {"source": "h = x\nfor i in range(5000):\n    h = sin(h)*h\nh"}),
        ("/batch", {"requests": [{"source": DOUBLING + "f39(x)"}] * 50}),
        ("/batch", {"source": "h = x\nfor i in range(3000):\n    h = sin(h)\nh", "points": {"x": [0.5] * 20000}}),
        ("/draw", {"nodes": [{"id": str(i)} for i in range(15000)], "edges": []}),
        ("/draw", {"nodes": [{"id": i} for i in range(300)], "edges": DENSE}),
        ("/export/json", {"source": "x" + "+1" * 5000}),
        ("/export/tikz", {"source": "x" + "+1" * 3000}),
    ],
)  # fmt: skip
async def test_a_hostile_question_is_answered_or_refused(
    client: httpx.AsyncClient, path: str, body: dict[str, Any]
) -> None:
    begun = time.monotonic()
    response = await client.post(API + path, json=body)
    assert time.monotonic() - begun < 8
    assert response.status_code in {200, 422}, response.text[:300]


async def test_small_requests_are_answered_while_large_ones_are_computed(client: httpx.AsyncClient) -> None:

    heavy = {"source": "h = x\nfor i in range(30000):\n    h = sin(h)\nh"}
    working = [asyncio.create_task(client.post(f"{API}/graph", json=heavy)) for _ in range(4)]
    await asyncio.sleep(0.05)
    slowest = 0.0
    for i in range(100):
        begun = time.monotonic()
        assert (await client.get(f"{API}/graph?source=x*y&in.x={i}")).status_code == 200
        slowest = max(slowest, time.monotonic() - begun)
        await asyncio.sleep(0)
    for response in await asyncio.gather(*working):
        assert response.status_code in {200, 422, 503}
        assert response.status_code != 503 or response.headers["retry-after"]
    assert slowest < 1.0
