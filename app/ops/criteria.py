"""Losses as Keras has them: the truth comes first, and each row gives one number (classes: their mean)."""

from typing import Any

from app.ops.operator import Operator, Sample, composed
from app.ops.signature import parameters, written

PAIR = (Sample(shape=(2, 3)), Sample(shape=(2, 3)))
SHARES = (Sample(low=0.1, high=0.9, shape=(2, 3)), Sample(low=0.1, high=0.9, shape=(2, 3)))


def _rows(
    name: str, signature: str, lines: str, *, doc: str, aliases: tuple[str, ...] = (), example: str = "", **rest: Any
) -> tuple[Operator, Operator]:
    """The loss of each row, and (`name_mean`) the mean of them."""
    taken = parameters(signature)
    passed = ", ".join(p.name if p.required else f"{p.name}={p.name}" for p in taken)
    found = {
        "": (lines, aliases, f"{doc} One number for each row."),
        "_mean": (f"return mean({name}({passed}))", (), f"{doc} Here the mean of all rows."),
    }
    operators = [
        composed(
            name + suffix, signature,
            body=f"def {name}{suffix}({written(taken)}):\n    " + "\n    ".join(body.split("\n")),
            doc=said, aliases=also, **rest,
            example=(example or f"x = [[1, 2]]\n{name}([[0, 0]], x)").replace(f"{name}(", f"{name}{suffix}("),
        )
        for suffix, (body, also, said) in found.items()
    ]  # fmt: skip
    return operators[0], operators[1]


def _named(*names: str) -> tuple[str, ...]:
    return tuple(f"tensorflow.{name}" for name in names)


TWO = "y_true|target, y_pred|output, /"
LOGITS = f"{TWO}, from_logits: bool = False"

mean_squared_error, mean_squared_error_mean = _rows(
    "mean_squared_error", TWO, "return mean(square(y_pred - y_true), axis=-1)", aliases=_named("mse", "MSE"),
    doc="The mean square of the errors.", sample=PAIR,
)  # fmt: skip
mean_absolute_error, mean_absolute_error_mean = _rows(
    "mean_absolute_error", TWO, "return mean(abs(y_pred - y_true), axis=-1)", aliases=_named("mae", "MAE"),
    doc="The mean of the absolute errors.", sample=PAIR,
)  # fmt: skip
mean_absolute_percentage_error, mean_absolute_percentage_error_mean = _rows(
    "mean_absolute_percentage_error", TWO,
    "return 100*mean(abs((y_true - y_pred) / maximum(abs(y_true), 1e-7)), axis=-1)", aliases=_named("mape", "MAPE"),
    doc="The mean of the errors as hundredths of the truth.", sample=SHARES,
    example="x = [[1, 2]]\nmean_absolute_percentage_error([[2, 2]], x)",
)  # fmt: skip
binary_crossentropy, binary_crossentropy_mean = _rows(
    "binary_crossentropy", LOGITS,
    "if from_logits:\n    return mean(logaddexp(y_pred, 0) - y_pred*y_true, axis=-1)\n"
    "p = clip(y_pred, 1e-7, 1 - 1e-7)\nreturn -mean(y_true*log(p) + (1 - y_true)*log(1 - p), axis=-1)",
    doc="Binary cross-entropy of probabilities, or of scores with `from_logits`.", sample=SHARES,
    example="x = [[0.3, 0.8]]\nbinary_crossentropy([[0, 1]], x)",
)  # fmt: skip
categorical_crossentropy, categorical_crossentropy_mean = _rows(
    "categorical_crossentropy", LOGITS,
    "if from_logits:\n    return -sum(y_true*log_softmax(y_pred), axis=-1)\n"
    "p = clip(y_pred / sum(y_pred, axis=-1, keepdims=True), 1e-7, 1 - 1e-7)\nreturn -sum(y_true*log(p), axis=-1)",
    doc="Cross-entropy of probabilities with a row of shares, or of scores with `from_logits`.", sample=SHARES,
    example="x = [[0.3, 0.7]]\ncategorical_crossentropy([[0, 1]], x)",
)  # fmt: skip
sparse_categorical_crossentropy, sparse_categorical_crossentropy_mean = _rows(
    "sparse_categorical_crossentropy", "y_true|target: ints, y_pred|output, /, from_logits: bool = False",
    "if from_logits:\n    return -pick(log_softmax(y_pred), y_true)\n"
    "p = clip(y_pred / sum(y_pred, axis=-1, keepdims=True), 1e-7, 1 - 1e-7)\nreturn -log(pick(p, y_true))",
    doc="Cross-entropy of probabilities with a label, or of scores with `from_logits`.", sample=SHARES[:1],
    sample_attributes={"y_true": (0, 2)}, example="x = [[0.3, 0.7]]\nsparse_categorical_crossentropy([1], x)",
)  # fmt: skip
hinge, hinge_mean = _rows(
    "hinge", TWO, "return mean(relu(1 - y_true*y_pred), axis=-1)",
    doc="What a score lacks to 1 on its side, 1 or −1.", sample=PAIR,
)  # fmt: skip
squared_hinge, squared_hinge_mean = _rows(
    "squared_hinge", TWO, "return mean(square(relu(1 - y_true*y_pred)), axis=-1)",
    doc="The square of what a score lacks to 1 on its side, 1 or −1.", sample=PAIR,
)  # fmt: skip
log_cosh, log_cosh_mean = _rows(
    "log_cosh", TWO, "d = y_pred - y_true\nreturn mean(d + softplus(-2*d) - log(2), axis=-1)",
    doc="Square for small errors, straight for large ones, smooth between.", aliases=_named("logcosh"), sample=PAIR,
)  # fmt: skip
huber, huber_mean = _rows(
    "huber", f"{TWO}, delta: float = 1.0",
    "d = abs(y_pred - y_true)\nreturn mean(where(d <= delta, 0.5*d*d, delta*d - 0.5*delta*delta), axis=-1)",
    doc="Square for errors up to delta, straight beyond.", sample=PAIR,
)  # fmt: skip
kl_divergence, kl_divergence_mean = _rows(
    "kl_divergence", TWO,
    "t = clip(y_true, 1e-7, 1)\np = clip(y_pred, 1e-7, 1)\nreturn sum(t*log(t / p), axis=-1)",
    doc="How far one row of probabilities is from another.", aliases=_named("KLD", "kld"), sample=SHARES,
    example="x = [[0.3, 0.7]]\nkl_divergence([[0.5, 0.5]], x)",
)  # fmt: skip
poisson, poisson_mean = _rows(
    "poisson", TWO, "return mean(y_pred - y_true*log(y_pred + 1e-7), axis=-1)",
    doc="How surprised a rate is by a count.", sample=SHARES, example="x = [[1, 2]]\npoisson([[1, 3]], x)",
)  # fmt: skip
cosine_loss, cosine_loss_mean = _rows(
    "cosine_loss", TWO, "return -sum(l2_normalize(y_true)*l2_normalize(y_pred), axis=-1)",
    doc="How little two rows point the same way: −1 the same, 1 opposite.", aliases=_named("cosine_similarity"),
    sample=PAIR,
)  # fmt: skip
l2_loss = composed(
    "l2_loss", "x|t", body="def l2_loss(x):\n    return sum(x*x) / 2",
    doc="Half the sum of squares: its gradient is the tensor itself.", example="x = [3, 4]\nl2_loss(x)",
    sample=(Sample(shape=(3,)),),
)  # fmt: skip
