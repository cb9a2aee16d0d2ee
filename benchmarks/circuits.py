"""Views to lay out, in tests and benchmarks, from a few lines of Python, with the language's sharing and groups."""

import ast
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.graph.view import Kind, Shape, View, ViewEdge, ViewGroup, ViewNode

LABELS = {"add": "+", "sub": "−", "mul": "×", "div": "÷", "pow": "^", "sigmoid": "σ", "neg": "−"}
COMMUTES = {"add", "mul", "max", "min"}
SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
}


@dataclass
class Circuit:
    """A view in the making; operands and results are node ids."""

    nodes: list[ViewNode] = field(default_factory=list)
    edges: list[ViewEdge] = field(default_factory=list)
    groups: list[ViewGroup] = field(default_factory=list)
    known: dict[tuple[object, ...], str] = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)
    shape: Shape = ()

    def node(
        self,
        op: str,
        *operands: str,
        kind: Kind = "op",
        label: str | None = None,
        name: str | None = None,
        detail: str = "",
        skip: bool = False,
        index: int | None = 0,
    ) -> str:
        group = self.stack[-1] if self.stack else None
        key = (op, group, operands)
        if kind == "op" and key in self.known:
            return self.known[key]
        known = name or f"{op}{len(self.nodes)}"
        self.nodes.append(
            ViewNode(
                id=known,
                kind=kind,
                op=op,
                label=label or LABELS.get(op, op),
                group=group,
                commutes=op in COMMUTES,
                detail=detail,
                skip=skip,
                differentiable=kind != "constant",
                index=index,
                shape=self.shape,
            )
        )
        for slot, source in enumerate(operands):
            constant = source.startswith("constant")
            self.edges.append(
                ViewEdge(
                    id=f"{source}>{known}.{slot}",
                    source=source,
                    target=known,
                    slot=slot,
                    members=(),
                    differentiable=not constant,
                    shape=() if constant else self.shape,
                )
            )
        self.known[key] = known
        return known

    def input(self, name: str) -> str:
        key = ("input", name)
        if key not in self.known:
            inner, self.stack = self.stack, []
            self.known[key] = self.node("input", kind="input", label=name, name=name)
            self.stack = inner
        return self.known[key]

    def constant(self, text: str) -> str:
        return self.node("constant", kind="constant", label=text)

    def closed(self, name: str, *operands: str, skip: bool = False) -> str:
        return self.node(
            name, *operands, kind="group", label=name, detail="2 gates", name=f"{name}#{len(self.nodes)}", skip=skip
        )

    @contextmanager
    def group(self, label: str) -> Iterator[None]:
        parent = self.stack[-1] if self.stack else None
        known = f"{label}#{len(self.groups)}"
        self.groups.append(ViewGroup(id=known, label=label, parent=parent, collapsed=False))
        self.stack.append(known)
        yield
        self.stack.pop()

    def view(self, output: str | None = None) -> View:
        return View(
            nodes=tuple(self.nodes),
            edges=tuple(self.edges),
            groups=tuple(self.groups),
            output=output or self.nodes[-1].id,
        )


def circuit(source: str, shape: Shape = ()) -> View:
    """The view of some lines of arithmetic: names, calls (`block_` opens a group around its body's `def`), numbers."""
    made = Circuit(shape=shape)
    values: dict[str, str] = {}
    functions: dict[str, ast.FunctionDef] = {}
    result = built(made, ast.parse(source).body, values, functions)
    return made.view(result)


def built(made: Circuit, body: list[ast.stmt], values: dict[str, str], functions: dict[str, ast.FunctionDef]) -> str:
    last = ""
    for statement in body:
        match statement:
            case ast.FunctionDef():
                functions[statement.name] = statement
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                last = values[name] = evaluate(made, value, values, functions)
            case ast.For(target=ast.Name(id=name), iter=ast.Call(args=[ast.Constant(value=count)]), body=inner):
                for turn in range(int(str(count))):
                    with made.group(f"{name}={turn}"):
                        last = built(made, inner, values, functions)
            case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                last = evaluate(made, value, values, functions)
            case _:
                raise AssertionError(ast.dump(statement))
    return last


def evaluate(made: Circuit, e: ast.expr, values: dict[str, str], functions: dict[str, ast.FunctionDef]) -> str:
    match e:
        case ast.Name(id=name):
            return values[name] if name in values else made.input(name)
        case ast.Constant(value=number):
            return made.constant(str(number))
        case ast.UnaryOp(operand=operand):
            return made.node("neg", evaluate(made, operand, values, functions))
        case ast.BinOp(left=left, op=sign, right=right):
            one = evaluate(made, left, values, functions)
            return made.node(SIGNS[type(sign)], one, evaluate(made, right, values, functions))
        case ast.Call(func=ast.Name(id=name), args=args):
            operands = [evaluate(made, a, values, functions) for a in args]
            if name in functions:
                with made.group(name):
                    inner = dict(zip([a.arg for a in functions[name].args.args], operands, strict=True))
                    return built(made, functions[name].body, {**values, **inner}, functions)
            if name.startswith("closed_"):
                return made.closed(name[7:], *operands)
            return made.node(name, *operands)
        case _:
            raise AssertionError(ast.dump(e))


NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
MICROGRAD = """
c = a + b
d = a*b + b**3
c2 = c + c + 1
c3 = c2 + 1 + c2 + (-a)
d2 = d + d*2 + relu(b + a)
d3 = d2 + 3*d2 + relu(b - a)
e = c3 - d3
f = e**2
g = f/2.0
g + 10.0/f
"""
MAZUR = """
h1 = sigmoid(w1*i1 + w2*i2 + b1)
h2 = sigmoid(w3*i1 + w4*i2 + b1)
o1 = sigmoid(w5*h1 + w6*h2 + b2)
o2 = sigmoid(w7*h1 + w8*h2 + b2)
0.5*(t1 - o1)**2 + 0.5*(t2 - o2)**2
"""
BLOCKS = """
def block(h, w):
    return h + tanh(w*h)
h1 = block(x, w1)
h2 = block(h1, w2)
block(h2, w3)
"""
BRANCHES = """
def f(h, w):
    return tanh(w*h)
h1 = x + f(x, w1)
h2 = f(h1, w2) + h1
h2 + f(h2, w3)
"""
TRANSFORMER = """
def attention(h):
    q = matmul(h, wq)
    k = matmul(h, wk)
    v = matmul(h, wv)
    return matmul(softmax(matmul(q, k)/8), v)
def mlp(h):
    return matmul(relu(matmul(h, w1)), w2)
def block(h):
    h1 = h + attention(norm(h))
    return h1 + mlp(norm(h1))
block(block(x))
"""
MLP = """
def neuron(a, b, u, v, c):
    return tanh(u*a + v*b + c)
n1 = neuron(x1, x2, a1, a2, a0)
n2 = neuron(x1, x2, b1, b2, b0)
n3 = neuron(x1, x2, c1, c2, c0)
d1*n1 + d2*n2 + d3*n3
"""
GALLERY: dict[str, str] = {
    "sum": "x1 + x2",
    "one": "x",
    "seed": "(x*y + max(z, w) + x*y)*2 + 45",
    "plain": "(x*y + max(z, w))*2 + 45",
    "closed_bus": "h1 = x + closed_block(x, w1)\nh2 = h1 + closed_block(h1, w2)\nh2 + closed_block(h2, w3)",
    "scalar_bus": "h1 = x + tanh(w1*x)\nh2 = tanh(w2*h1) + h1\nh2 + tanh(w3*h2)",
    "weight_first": "w*x + x",
    "blocks": BLOCKS,
    "branches": BRANCHES,
    "neuron": NEURON,
    "micrograd": MICROGRAD,
    "mlp": MLP,
    "diamond": "q = a*x\nk = b*x\nv = c*x\nsoftmax(q*k)*v",
    "square": "x*x",
    "cube": "x*x*x",
    "mazur": MAZUR,
    "chain": "exp(sin(cos(tanh(x))))",
    "order": "(a - b)/(b - a)**c",
    "transformer": TRANSFORMER,
    "unreached": "u = x*y\nv = sin(x)\nw = p*q\nx + y",
    "nested": "def g(a):\n    return sin(a)*a\ndef f(a):\n    return g(a) + g(a*2)\nf(x) + f(y)",
}


def residual(blocks: int, *, inner: int = 2, closed: bool = False, framed: bool = False) -> View:
    """A bus of residual blocks, each of `inner` gates on its branch."""
    made = Circuit()
    h = made.input("x")
    for k in range(blocks):

        def block(h: str, k: int = k) -> str:
            if closed:
                return made.node("add", h, made.closed("block", h))
            f = h
            for _ in range(inner):
                f = made.node("tanh", f)
            f = made.node("mul", f, made.input(f"w{k}"))
            return made.node("add", *((h, f) if k % 2 else (f, h)))

        if framed:
            with made.group("block"):
                h = block(h)
        else:
            h = block(h)
    return made.view(h)


def drawn(seed: int, nodes: int) -> View:
    """A random view: inputs, constants, gates of one to four operands, closed groups, open groups, loose ends."""
    rng = random.Random(seed)
    made = Circuit(shape=rng.choice([(), (), (128, 64)]))
    ids = [made.input(f"x{k}") for k in range(rng.randint(1, 4))]
    reach = rng.choice([3, 8, 1000])
    groups = rng.random() < 0.5
    made_groups: list[Callable[[], None]] = []
    while len(made.nodes) < nodes:
        if groups and rng.random() < 0.12 and len(made.stack) < 3:
            scope = made.group(rng.choice(["block", "f", "a long name"]))
            scope.__enter__()
            made_groups.append(lambda scope=scope: scope.__exit__(None, None, None))
        elif made_groups and rng.random() < 0.2:
            made_groups.pop()()
        draw = rng.random()
        if draw < 0.1:
            ids.append(made.input(f"w{len(made.nodes)}"))
            continue
        pick = [rng.choice(ids[-reach:]) for _ in range(rng.choice([1, 2, 2, 2, 2, 3, 4]))]
        if draw < 0.25:
            pick[rng.randrange(len(pick))] = made.constant(str(rng.choice([2, 0.5, 45, "3.142"])))
        op = {
            1: ["tanh", "exp", "neg", "leaky_relu"],
            2: ["add", "add", "mul", "sub", "div", "max"],
            3: ["where"],
            4: ["concat"],
        }[len(pick)]
        if draw > 0.95:
            ids.append(made.closed("block", *pick))
        else:
            ids.append(made.node(rng.choice(op), *pick))
    while made_groups:
        made_groups.pop()()
    return made.view(ids[-1])
