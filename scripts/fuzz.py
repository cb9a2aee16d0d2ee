"""Looks for texts that break the language, guided by the coverage of app/lang, app/ops and app/graph.

`make fuzz` runs it for a minute (SECONDS says how long), from tests/lang/corpus.json and the programs that the tests
hold; what it finds, it says and keeps in artefacts/fuzz. `--write` makes the corpus anew: of all texts that were met
the few that together reach every line which any of them reaches. tests/lang/test_fuzz.py replays it in seconds.
"""

import json
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

atheris = import_module("atheris")  # of `make fuzz` alone

with atheris.instrument_imports(include=["app.lang", "app.ops", "app.graph"]):
    from app.autodiff.reverse import trace
    from app.diagnostics import CODES, ProgramError
    from app.lang import lower
    from app.limits import Limits

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "lang" / "corpus.json"
WORK = ROOT / "artefacts" / "fuzz"
LIMITS = Limits(nodes=2_000, elements=20_000, flops=2_000_000, loop_turns=2_000)
LONGEST = 500  # letters: what breaks a longer text breaks a shorter one
WORDS = (
    "torch", "np.", "jnp.", "tf.", "import ", "from ", "def ", "lambda ", "return ", "for ", " in ", "range(",
    "if ", "else", "grad(", ".backward()", "tf.Variable(", "torch.tensor(", "requires_grad=True", "Value(", ".T",
    ".shape", ".sum(", "stack(", "concat(", "reshape(", "softmax(", "split(", "topk(", "jacobian(", "randn(", "[0]",
    "[:, 1:]", "**", "//", "@", "axis=", "dim=", "keepdim=True", "{'a': ", "['a']", ">>> ", "```\n", "In [1]: ",
    "%time", "\n    ", "f'{", "with ", "print(", "*args", "-> ", "None", "True", "einsum('ij,jk->ik', ", "params",
    "x", "y", "1.0", "2",
)  # fmt: skip


def one(data: bytes) -> None:
    """A text is an answer, or a ProgramError with codes, sentences and places."""
    source = data.decode("utf-8", "surrogateescape")
    try:
        made = lower(source, {"x": 2.0}, limits=LIMITS)
    except ProgramError as error:
        for found in error.diagnostics:
            assert found.code in CODES, found
            assert found.message, found
            assert found.spans, found
        return
    assert len(set(made.ids)) == len(made.ids)
    trace(made.graph, made.values(), made.output, made.seed)


def programs() -> Iterator[str]:
    """What the tests hold of programs, and the corpus."""
    for path in sorted((ROOT / "tests" / "reference").glob("*.json")):
        for case in json.loads(path.read_text("utf-8")).get("cases", ()):
            yield case["source"] if "source" in case else case["request"]["source"]
    pasted = tomllib.loads((ROOT / "tests" / "cases" / "pasted.toml").read_text("utf-8"))
    yield from (case["source"] for kind in ("case", "said") for case in pasted[kind])
    if CORPUS.exists():
        yield from json.loads(CORPUS.read_text("utf-8"))["texts"]


def main(arguments: list[str]) -> None:
    texts = WORK / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    if "--write" in arguments:
        met = {path.read_bytes().decode("utf-8", "surrogateescape") for path in texts.iterdir()}
        about = "Texts that together reach every line of the language that fuzzing reached: written by scripts/fuzz.py."
        lines = ",\n".join(f"  {json.dumps(text)}" for text in chosen(met))
        CORPUS.write_text(f'{{\n "about": "{about}",\n "texts": [\n{lines}\n ]\n}}\n', "utf-8")
        return
    for number, text in enumerate(programs()):
        (texts / f"program-{number}").write_bytes(text[:LONGEST].encode("utf-8", "surrogateescape"))
    words = WORK / "words"
    words.write_text("".join(f'"{word.encode("unicode_escape").decode()}"\n' for word in map(_quoted, WORDS)), "ascii")
    options = [
        f"-max_len={LONGEST}",
        f"-dict={words}",
        f"-artifact_prefix={WORK}/",
        "-timeout=10",
        "-rss_limit_mb=4096",
    ]
    atheris.Setup([sys.argv[0], *options, str(texts), *arguments], one)
    atheris.Fuzz()


def chosen(met: set[str]) -> list[str]:
    """A few texts that reach all lines that these reach, each time the one that adds most."""
    reach = {text: reached(text) for text in sorted(met)}
    found: list[str] = []
    known: set[tuple[str, int]] = set()
    while reach:
        best = min(reach, key=lambda text: (-len(reach[text] - known), len(text), text))
        if not reach[best] - known:
            break
        found.append(best)
        known |= reach.pop(best)
    return sorted(found, key=lambda text: (len(text), text))


def reached(source: str) -> set[tuple[str, int]]:
    """The lines of app/lang and app/ops that a text runs through."""
    found: set[tuple[str, int]] = set()
    folders = (str(ROOT / "app" / "lang"), str(ROOT / "app" / "ops"))

    def follow(frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(folders):
            return None
        found.add((frame.f_code.co_filename, frame.f_lineno))
        return follow

    sys.settrace(follow)
    try:
        one(source.encode("utf-8", "surrogateescape"))
    finally:
        sys.settrace(None)
    return found


def _quoted(word: str) -> str:
    return word.replace('"', "'").replace("\n", " ")


if __name__ == "__main__":
    main(sys.argv[1:])
