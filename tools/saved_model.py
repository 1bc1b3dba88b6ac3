"""`stepwell saved-model`: what a saved model has, running its signatures, and exporting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .models import load_saved_model, signature_of

if TYPE_CHECKING:
    from ..runtime.functions.concrete import ConcreteFunction

app = typer.Typer(no_args_is_help=True, help="Show, run and export saved models.")

_DIR = typer.Argument(metavar="DIR", help="the folder of a saved model")
_NAME = typer.Option("--signature", "--signature_def", "-s", help="the signature")


@app.command()
def show(folder: Annotated[str, _DIR]) -> None:
    """Print the signatures, functions and Variables, with shapes and dtypes.

    Example: stepwell saved-model show model
    """
    from ..runtime.saved_models.listing import listing

    typer.echo(listing(load_saved_model(folder)), nl=False)


@app.command()
def run(
    folder: Annotated[str, _DIR],
    inputs: Annotated[
        list[str] | None, typer.Option("--inputs", "-i", metavar="NAME=FILE.npy", help="an input from a file")
    ] = None,
    input_exprs: Annotated[
        list[str] | None,
        typer.Option("--input_exprs", "-e", metavar="NAME=LITERAL", help="an input as a literal such as x=[1.0,2.0]"),
    ] = None,
    signature: Annotated[str, _NAME] = "serving_default",
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE.npz", help="write the results")] = None,
) -> None:
    """Run a signature and print its results.

    Example: stepwell saved-model run model --inputs x=x.npy
    """
    from .run import save_results, shown_results

    concrete = signature_of(load_saved_model(folder), folder, signature)
    given = _named(inputs or [], is_file=True) | _named(input_exprs or [], is_file=False)
    results = _run(concrete, signature, given)
    typer.echo(shown_results(results), nl=False)
    if output is not None:
        save_results(output, results)


@app.command()
def export(
    folder: Annotated[str, _DIR],
    path: Annotated[str, typer.Argument(metavar="OUT.onnx", help="the file to write")],
    signature: Annotated[str, _NAME] = "serving_default",
    exact: Annotated[bool, typer.Option("--exact", help="keep NaN, the sign of zero and all checks")] = False,
    quantize: Annotated[str | None, typer.Option(metavar="int8", help="give weights eight bits")] = None,
) -> None:
    """Write a signature as an ONNX model of one file, with its weights.

    Example: stepwell saved-model export model model.onnx

    `stepwell export DIR:SIGNATURE` writes it in other forms, too.
    """
    import os

    import stepwell as sw

    sw.onnx.export(signature_of(load_saved_model(folder), folder, signature), path, exact=exact, quantize=quantize)
    typer.echo(f"{path}: {os.path.getsize(path)} bytes", err=True)


def _named(words: list[str], is_file: bool) -> dict[str, Any]:
    """The inputs by name that words such as `x=x.npy` represent."""
    from ..runtime.text_inputs import Given, literal, read_input
    from .errors import CommandError

    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name or (is_file and not text.endswith(".npy")):
            raise CommandError(f"'{word}': expected {'NAME=FILE.npy' if is_file else 'NAME=LITERAL'}")
        found[name.strip()] = read_input(text)[0] if is_file else Given(text, literal(text), True)
    return found


def _run(concrete: ConcreteFunction, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    from ..compiler.frontend.values.tensor import Tensor
    from ..runtime.text_inputs import fit
    from .errors import CommandError

    specs = {spec.name or "": spec for spec in concrete.specs}
    if set(specs) != set(given):
        wanted, got = ", ".join(specs) or "none", ", ".join(given) or "none"
        raise CommandError(f"signature '{name}' takes the inputs {wanted}, got {got}")
    tensors = {
        key: Tensor(fit(given[key], f"input {key}", spec.dtype, list(spec.known_sizes))) for key, spec in specs.items()
    }
    return {key: tensor.numpy() for key, tensor in concrete(**tensors).items()}
