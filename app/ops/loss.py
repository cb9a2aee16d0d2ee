"""Losses, written in the language: each as a mean, as a sum, and element by element, by `reduction=`."""

from math import inf
from typing import Any

from app.ops.operator import NODE, Operator, Sample, Spelling, composed
from app.ops.signature import parameters, written

PAIR = (Sample(shape=(2, 3)), Sample(shape=(2, 3)))
REDUCTIONS = {"mean": "", "sum": "_sum", "none": "_none", None: "_none"}


def _loss(
    name: str, signature: str, terms: str, *, doc: str, example: str, torch: str = "", soft: str = "",
    aliases: tuple[str, ...] = (), unreduced: tuple[str, ...] = (), weighed: str = "", **rest: Any,
) -> tuple[Operator, Operator, Operator]:  # fmt: skip
    """The mean, the sum, and the terms themselves. `soft`: the loss that is meant where the labels are a node;
    `unreduced`: names of the terms alone; `weighed`: the terms by a weight for each class, as is their mean."""
    taken = parameters(signature)
    names = [p.name for p in taken]
    terms = " ".join(terms.split())
    calls = {"": f"mean({terms})", "_sum": f"sum({terms})", "_none": terms}
    if weighed:
        by = {"": f"sum({weighed}) / sum(take(weight, labels, 0))", "_sum": f"sum({weighed})", "_none": weighed}
        calls = {suffix: f"({call}) if weight is None else {by[suffix]}" for suffix, call in calls.items()}
    words = {"": "mean", "_sum": "sum", "_none": "none"}
    variants: dict[str, Any] = {"reduction": {key: name + suffix for key, suffix in REDUCTIONS.items()}}
    if soft:
        variants = {names[1]: {NODE: soft}, **variants}

    def one(suffix: str) -> Operator:
        how = {"": "the mean", "_sum": "the sum", "_none": "each of them"}[suffix]
        spelt = f"F.{torch}, reduction={words[suffix]!r})" if torch else ""
        return composed(
            name + suffix, signature if suffix else f"{signature}, reduction: str = 'mean'",
            body=f"def {name}{suffix}({written(taken)}):\n    return {calls[suffix]}",
            doc=doc if not suffix else f"{doc} Here {how}.",
            example=example.replace(name + "(", name + suffix + "("), variants={} if suffix else variants,
            aliases={"": aliases, "_sum": (), "_none": unreduced}[suffix],
            spell=Spelling(numpy="", torch=spelt, jax="", tensorflow="", onnx=""), **rest,
        )  # fmt: skip

    return one(""), one("_sum"), one("_none")


def _each(terms: str) -> str:
    """The terms, each by its weight where there is one."""
    return f"({terms} if weight is None else weight*({terms}))"


mse_loss, mse_loss_sum, mse_loss_none = _loss(
    "mse_loss", "x|input|y_pred, target|y_true|y, /", "square(x - target)", torch="mse_loss({0}, {1}",
    unreduced=("squared_difference",),
    doc="The mean square of the errors: an error's gradient grows with it.", example="x = [1, 2]\nmse_loss(x, [0, 0])",
    sample=PAIR,
)  # fmt: skip

l1_loss, l1_loss_sum, l1_loss_none = _loss(
    "l1_loss", "x|input, target|y, /", "abs(x - target)", torch="l1_loss({0}, {1}",
    doc="The mean of the absolute errors: each pulls equally hard, however large it is.",
    example="x = [1, 2]\nl1_loss(x, [0, 0])",
    sample=PAIR,
)  # fmt: skip

smooth_l1_loss, smooth_l1_loss_sum, smooth_l1_loss_none = _loss(
    "smooth_l1_loss", "x|input, target|y, /, beta: float = 1.0",
    "abs(x - target) if beta == 0 else "
    "where(abs(x - target) < beta, 0.5*square(x - target)/beta, abs(x - target) - 0.5*beta)", within={"beta": (0, inf)},
    torch="smooth_l1_loss({0}, {1}, beta={beta}", doc="Square for small errors, straight for large ones.",
    example="x = [1, 2]\nsmooth_l1_loss(x, [0, 0])", sample=PAIR,
)  # fmt: skip

huber_loss, huber_loss_sum, huber_loss_none = _loss(
    "huber_loss", "x|input, target|y, /, delta: float = 1.0",
    "where(abs(x - target) <= delta, 0.5*square(x - target), delta*(abs(x - target) - 0.5*delta))",
    within={"delta": (5e-324, inf)},
    torch="huber_loss({0}, {1}, delta={delta}", doc="Square for errors up to delta, straight beyond.",
    example="x = [1, 2]\nhuber_loss(x, [0, 0])",
    sample=PAIR,
)  # fmt: skip

bce_with_logits, bce_with_logits_sum, bce_with_logits_none = _loss(
    "bce_with_logits", "x|input|logits, target|labels|y, weight = None, pos_weight = None, /",
    _each(
        "(logaddexp(x, 0) - x*target if pos_weight is None else "
        "(1 - target)*x + (1 + (pos_weight - 1)*target)*logaddexp(-x, 0))"
    ),
    torch="binary_cross_entropy_with_logits({0}, {1}", aliases=("binary_cross_entropy_with_logits",),
    unreduced=("sigmoid_cross_entropy_with_logits", "sigmoid_binary_cross_entropy"),
    doc="Binary cross-entropy of scores: its gradient is the sigmoid minus the target.",
    example="x = [1, -2]\nbce_with_logits(x, [1, 0])",
    sample=(Sample(shape=(2, 3)), Sample(low=0, high=1, shape=(2, 3), integers=True)),
)  # fmt: skip

bce_loss, bce_loss_sum, bce_loss_none = _loss(
    "bce_loss", "p|input, target|labels|y, weight = None, /",
    _each("-(target*clip(log(p), -100) + (1 - target)*clip(log1p(-p), -100))"),
    torch="binary_cross_entropy({0}, {1}", aliases=("binary_cross_entropy",),
    doc="Binary cross-entropy of probabilities; a logarithm counts as −100 at least.",
    example="p = [0.7, 0.2]\nbce_loss(p, [1, 0])",
    sample=(Sample(low=0.1, high=0.9, shape=(2, 3)), Sample(low=0, high=1, shape=(2, 3), integers=True)),
)  # fmt: skip

LABELS: dict[str, Any] = {"sample": (Sample(shape=(3, 4)),), "sample_attributes": {"labels": (0, 3, 1)}}

cross_entropy, cross_entropy_sum, cross_entropy_none = _loss(
    "cross_entropy", "logits|x|input, labels|target|y: ints, weight = None, /, label_smoothing: float = 0.0", """
        -pick(log_softmax(logits), labels) if label_smoothing == 0 else
        (label_smoothing - 1)*pick(log_softmax(logits), labels) - label_smoothing*mean(log_softmax(logits), axis=-1)
    """,
    weighed="((label_smoothing - 1)*take(weight, labels, 0)*pick(log_softmax(logits), labels)"
    " - label_smoothing*mean(weight*log_softmax(logits), axis=-1))",
    soft="cross_entropy_soft", within={"label_smoothing": (0, 1)},
    torch="cross_entropy({0}, torch.tensor({labels}), label_smoothing={label_smoothing}",
    unreduced=("sparse_softmax_cross_entropy_with_logits", "softmax_cross_entropy_with_integer_labels"),
    doc="How surprised the softmax is by the labels. Its gradient is the softmax, minus 1 at the label.",
    example="x = [[2, 1, 0]]\ncross_entropy(x, [0])", **LABELS,
)  # fmt: skip

cross_entropy_soft, cross_entropy_soft_sum, cross_entropy_soft_none = _loss(
    "cross_entropy_soft", "logits|x|input, target|labels|y, /", "-sum(target*log_softmax(logits), axis=-1)",
    torch="cross_entropy({0}, {1}",
    unreduced=(
        "softmax_cross_entropy_with_logits", "softmax_cross_entropy", "softmax_cross_entropy_with_logits_v2",
    ),
    doc="Cross-entropy with probabilities for labels.",
    example="x = [[2, 1, 0]]\ncross_entropy_soft(x, [[0.8, 0.1, 0.1]])",
    sample=(Sample(shape=(2, 3)), Sample(low=0, high=1, shape=(2, 3))),
)  # fmt: skip

nll_loss, nll_loss_sum, nll_loss_none = _loss(
    "nll_loss", "x|input, labels|target|y: ints, weight = None, /", "-pick(x, labels)",
    weighed="-take(weight, labels, 0)*pick(x, labels)", torch="nll_loss({0}, torch.tensor({labels})",
    doc="The negative logarithms of the labels' probabilities, given as logarithms.",
    example="x = log_softmax([[2, 1, 0]])\nnll_loss(x, [0])", **LABELS,
)  # fmt: skip

kl_div, kl_div_sum, kl_div_none = _loss(
    "kl_div", "x|input, target|y, /", "target*(log(target) - x)", torch="kl_div({0}, {1}",
    doc="How far the logarithms of probabilities are from a target: Kullback and Leibler's divergence.",
    example="x = log_softmax([2, 1])\nkl_div(x, [0.5, 0.5])",
    sample=(Sample(shape=(2, 3)), Sample(low=0.1, high=1, shape=(2, 3))),
)  # fmt: skip

# ── Distances and margins ────────────────────────────────────────────────────────────────────────────────────────────

soft_margin_loss, soft_margin_loss_sum, soft_margin_loss_none = _loss(
    "soft_margin_loss", "x|input, target|y, /", "log1p(exp(-target*x))", torch="soft_margin_loss({0}, {1}",
    doc="The logistic loss of a score and a sign, 1 or −1.", example="x = [1, 2]\nsoft_margin_loss(x, [1, -1])",
    sample=PAIR,
)  # fmt: skip

hinge_embedding_loss, hinge_embedding_loss_sum, hinge_embedding_loss_none = _loss(
    "hinge_embedding_loss", "x|input, target|y, /, margin: float = 1.0", "where(target > 0, x, relu(margin - x))",
    torch="hinge_embedding_loss({0}, {1}, margin={margin}",
    doc="A distance as it is where two things are alike, and where not, what it lacks to a margin.",
    example="x = [1, 0.5]\nhinge_embedding_loss(x, [1, -1])", sample=PAIR,
)  # fmt: skip

margin_ranking_loss, margin_ranking_loss_sum, margin_ranking_loss_none = _loss(
    "margin_ranking_loss", "x|input1, y|input2, target, /, margin: float = 0.0", "relu(margin - target*(x - y))",
    torch="margin_ranking_loss({0}, {1}, {2}, margin={margin}",
    doc="0 where the first is above the second by a margin (1), or below it (−1), as the target says.",
    example="x = [1, 2]\nmargin_ranking_loss(x, [2, 1], [1, 1])", sample=(*PAIR, Sample(shape=(2, 3))),
)  # fmt: skip

triplet_margin_loss, triplet_margin_loss_sum, triplet_margin_loss_none = _loss(
    "triplet_margin_loss", "x|anchor, y|positive, z|negative, /, margin: float = 1.0, eps: float = 1e-6",
    "relu(norm(x - y + eps, axis=-1) - norm(x - z + eps, axis=-1) + margin)",
    torch="triplet_margin_loss({0}, {1}, {2}, margin={margin}, eps={eps}",
    doc="An anchor is to be nearer to its like than to another, by a margin.",
    example="x = [[0, 0]]\ntriplet_margin_loss(x, [[1, 0]], [[0, 1]])", sample=(*PAIR, Sample(shape=(2, 3))),
)  # fmt: skip

cosine_embedding_loss, cosine_embedding_loss_sum, cosine_embedding_loss_none = _loss(
    "cosine_embedding_loss", "x|input1, y|input2, target, /, margin: float = 0.0",
    "where(target > 0, 1 - cosine_similarity(x, y, axis=-1), relu(cosine_similarity(x, y, axis=-1) - margin))",
    torch="cosine_embedding_loss({0}, {1}, {2}, margin={margin}",
    doc="Two vectors are to point the same way (1), or not (−1).",
    example="x = [[1, 0]]\ncosine_embedding_loss(x, [[0, 1]], [1])", sample=(*PAIR, Sample(shape=(2,))),
)  # fmt: skip

poisson_nll_loss, poisson_nll_loss_sum, poisson_nll_loss_none = _loss(
    "poisson_nll_loss", "x|input, target|y, /, log_input: bool = True, eps: float = 1e-8",
    "exp(x) - target*x if log_input else x - target*log(x + eps)",
    torch="poisson_nll_loss({0}, {1}, log_input={log_input}, eps={eps}",
    doc="How surprised a rate, given as its logarithm, is by a count.",
    example="x = [1, 2]\npoisson_nll_loss(x, [1, 3])",
    sample=PAIR,
)  # fmt: skip

gaussian_nll_loss, gaussian_nll_loss_sum, gaussian_nll_loss_none = _loss(
    "gaussian_nll_loss", "x|input, target|y, var, /, eps: float = 1e-6",
    "0.5*(log(maximum(var, eps)) + square(x - target)/maximum(var, eps))",
    torch="gaussian_nll_loss({0}, {1}, {2}, eps={eps}",
    doc="How surprised a bell curve of a mean and a variance is by a value.",
    example="x = [1, 2]\ngaussian_nll_loss(x, [0, 0], [1, 1])", sample=(*PAIR, Sample(low=0.5, high=2, shape=(2, 3))),
)  # fmt: skip
