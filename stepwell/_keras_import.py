"""How Keras finds stepwell as its backend.

Keras 3.15 names its backends in `if` chains of a few modules, and knows no other. A finder serves these modules with
a branch for `stepwell` like the one for `numpy`, and the package `keras.src.backend.stepwell` from
`keras_backend` beside this file. Keras's own `numpy` backend stays as it is. The functions of `tf.keras.backend`, which
are in Keras's wheel and call TensorFlow, get stepwell in its place. The layout of `keras_backend` is the one
of Keras's pluggable backends (keras-team/keras#23523), with which this file will go.
"""

from __future__ import annotations

import ast
import copy
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "keras.src.backend.stepwell"
"""Under what name Keras imports the backend."""

PUBLIC_KERAS = "keras._tf_keras.keras"
"""The package of Keras that has the names of `tf.keras`; `stepwell.keras` is this one."""

_BRANCHES = frozenset(
    f"keras.src.{module}"
    for module in ("backend", "export.saved_model", "layers.layer", "models.model", "utils.backend_utils")
)
"""The modules of Keras 3.15 that choose what to import by the backend's name."""

_DTYPES = "keras.src.backend.common.dtypes"
"""The module of Keras that makes 64-bit dtypes 32-bit ones, except for TensorFlow, whose dtypes stepwell has."""

_PREPROCESSING = frozenset(
    f"keras.src.{module}"
    for module in (
        *(f"layers.preprocessing.{name}_lookup" for name in ("index", "integer", "string")),
        *(f"layers.preprocessing.{name}" for name in ("feature_space", "hashed_crossing", "hashing")),
        "layers.preprocessing.text_vectorization",
        "utils.numerical_utils",
        "utils.tf_utils",
    )
)
"""The modules of Keras that compute with TensorFlow's names, and do for TensorFlow as a backend what stepwell needs."""

_FOR_TENSORFLOW = _PREPROCESSING | frozenset(
    f"keras.src.{module}"
    for module in (
        "layers.preprocessing.discretization",
        "layers.preprocessing.normalization",
        "legacy.backend",
        "utils.audio_dataset_utils",
        "utils.dataset_utils",
        "utils.image_dataset_utils",
        "utils.text_dataset_utils",
        "utils.timeseries_dataset_utils",
    )
)
"""The modules of Keras whose functions are written in TensorFlow's names."""

_TENSORBOARD = "keras.src.callbacks.tensorboard"
"""The module of Keras that writes summaries, with what it imports of TensorFlow for that."""

_OF_SUMMARIES = {"tensorflow.summary": "stepwell.summary", "tensorflow.compat.v1": "tensorboardX.proto.summary_pb2"}
"""What `_TENSORBOARD` imports instead."""

_REPLACED = {
    "keras.src.export.onnx": ("export", ("export_onnx",)),
    "keras.src.export.saved_model": ("export", ("export_saved_model",)),
    "keras.src.trainers.data_adapters.array_slicing": ("preprocessing", ("convert_to_sliceable",)),
    "keras.src.trainers.data_adapters": ("datasets", ("is_tf_dataset", "TFDatasetAdapter")),
    "keras.src.utils.backend_utils": ("preprocessing", ("convert_tf_tensor", "in_tf_graph")),
    "keras.src.utils.dataset_utils": ("datasets", ("is_tf_dataset",)),
    "keras.src.utils.tf_utils": ("preprocessing", ("ensure_tensor",)),
}
"""Functions of Keras, by module, that a module of `keras_backend` defines for this backend.

Keras's own are there as `f_of_keras`.
"""

_TREES = "keras.src.tree.optree_impl"
"""The module of Keras that flattens structures."""

_KEYWORDS = {"filter": "filters", "dilation_rate": "dilations"}
"""What arguments of convolutions are called in version 1 of TensorFlow, and in version 2."""

_OF_KERAS = frozenset((*_BRANCHES, *_REPLACED, _DTYPES, *_FOR_TENSORFLOW, _TENSORBOARD, _TREES))
"""The modules of Keras that are not as they are for other backends."""

_MODULES = {"keras.src.backend.numpy.core": f"{PACKAGE}.variable"}
"""Where what these modules import has another place than in Keras's own backends."""


def install() -> None:
    """Make stepwell the backend of Keras, which must not have been imported with another one."""
    loaded = sys.modules.get("keras.src.backend.config")
    if loaded is not None and (name := loaded.backend()) != "stepwell":
        raise ImportError(
            f"stepwell.keras: expected Keras not to be imported yet, got one with the backend {name!r}; import "
            "stepwell.keras before keras, or set KERAS_BACKEND=stepwell"
        )
    os.environ["KERAS_BACKEND"] = "stepwell"
    if not any(isinstance(finder, BackendFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, BackendFinder())


class BackendFinder(MetaPathFinder):
    """Finds the backend's package, and the modules of Keras that choose a backend."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is; None where it is no concern of the backend."""
        if fullname == PACKAGE:
            folder = Path(__file__).with_name("keras_backend")
            return importlib.util.spec_from_file_location(
                fullname, folder / "__init__.py", submodule_search_locations=[str(folder)]
            )
        if fullname.startswith(f"{__package__}.keras."):
            return ModuleSpec(fullname, _AliasLoader(_name_in_keras(fullname.removeprefix(f"{__package__}.keras"))))
        return spec_with_branch(fullname, path) if fullname in _OF_KERAS else None


def _name_in_keras(rest: str) -> str:
    """The name of a module of `stepwell.keras`: in the package for `tf.keras`, or in Keras if it is only there."""
    name = PUBLIC_KERAS + rest
    return name if PathFinder.find_spec(name, import_module(name.rpartition(".")[0]).__path__) else f"keras{rest}"


def complete() -> None:
    """Give the package for `tf.keras` what only Keras has, as `saving` and `metrics.mean_squared_error`."""
    for name in [name for name in sys.modules if name == PUBLIC_KERAS or name.startswith(f"{PUBLIC_KERAS}.")]:
        own = sys.modules.get("keras" + name.removeprefix(PUBLIC_KERAS))
        for public, value in vars(own).items() if own is not None else ():
            if not public.startswith("_") and not hasattr(sys.modules[name], public):
                setattr(sys.modules[name], public, value)


def spec_with_branch(fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Where a module of Keras is, which gets a branch for this backend when it is loaded."""
    spec = PathFinder.find_spec(fullname, path)
    if spec is not None and spec.origin is not None:
        spec.loader = _BranchLoader(fullname, spec.origin)
    return spec


class _BranchLoader(Loader):
    """Loads a module of Keras with a branch for stepwell; keeps no byte code."""

    def __init__(self, name: str, origin: str):
        self._name = name
        self._origin = origin

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        tree = ast.parse(Path(self._origin).read_bytes(), self._origin)
        if self._name == _TENSORBOARD:
            visitor: ast.NodeTransformer = _Importer()
        else:
            like_tensorflow = self._name == _DTYPES or self._name in _PREPROCESSING
            visitor = _Brancher("tensorflow" if like_tensorflow else "numpy", self._name in _FOR_TENSORFLOW)
        changed = ast.fix_missing_locations(visitor.visit(tree))
        exec(compile(changed, self._origin, "exec", dont_inherit=True), module.__dict__)
        if self._name == _TREES:
            module.__dict__["optree"] = _Optree(module.__dict__["optree"])
        source, functions = _REPLACED.get(self._name, ("", ()))
        for function in functions:
            setattr(module, f"{function}_of_keras", getattr(module, function))
            setattr(module, function, _defined_in(f"{PACKAGE}.{source}", function))


def _defined_in(module: str, function: str) -> Callable[..., Any]:
    """A function of a module that is imported when it is called."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(import_module(module), function)(*args, **kwargs)

    return call


class _Optree:
    """The library optree as Keras uses it: tensors that are made of several ones are leaves, as TensorFlow's are."""

    def __init__(self, library: ModuleType):
        self._library = library

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._library, name)
        if name not in ("tree_is_leaf", "tree_flatten", "tree_flatten_with_path", "tree_map", "tree_paths"):
            return function

        def call(*args: Any, is_leaf: Callable[[Any], bool] | None = None, **kwargs: Any) -> Any:
            either = _is_composite if is_leaf is None else lambda x: is_leaf(x) or _is_composite(x)
            return function(*args, is_leaf=either, **kwargs)

        self.__dict__[name] = call
        return call


def _is_composite(value: Any) -> bool:
    return type(value).__name__ in ("RaggedTensor", "SparseTensor")


class _Importer(ast.NodeTransformer):
    """Makes imports of TensorFlow's summaries imports of stepwell's."""

    def visit_Import(self, node: ast.Import) -> ast.Import:
        return ast.Import([ast.alias(_OF_SUMMARIES.get(each.name, each.name), each.asname) for each in node.names])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        return ast.ImportFrom(_OF_SUMMARIES.get(node.module or "", node.module), node.names, node.level)


class _AliasLoader(Loader):
    """Gives a module of Keras a second name."""

    def __init__(self, name: str):
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self._name)
        self._own = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._own


class _Brancher(ast.NodeTransformer):
    """Adds stepwell beside a backend: a branch where there is one for it, a name where it is compared with.

    With `all_imports`, imports of TensorFlow become imports of stepwell's names.
    """

    def __init__(self, backend: str, all_imports: bool):
        self._backend = backend
        self._all_imports = all_imports

    def visit_If(self, node: ast.If) -> ast.If:
        """A branch like the one for the backend, before it."""
        test = node.test
        if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq) and self._names(test.comparators[0])):
            self.generic_visit(node)
            return node
        own = _Renamer(self._backend).visit(copy.deepcopy(node))
        node.orelse = [self.visit(each) for each in node.orelse]
        own.orelse = [node]
        return own

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        """`x == "numpy"` as `x in ("numpy", "stepwell")`, and a tuple with one more name."""
        (operator, *_), (known, *_) = node.ops, node.comparators
        if isinstance(known, ast.Tuple) and any(map(self._names, known.elts)):
            known.elts.append(ast.Constant("stepwell"))
        elif self._names(known):
            node.ops = [ast.In() if isinstance(operator, ast.Eq) else ast.NotIn()]
            node.comparators = [ast.Tuple([known, ast.Constant("stepwell")], ast.Load())]
        return node

    def _names(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Constant) and node.value == self._backend

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """What is written in TensorFlow's names of version 1, in those of version 2."""
        self.generic_visit(node)
        text = ast.unparse(node) if self._all_imports else ""
        if text.startswith("tf.compat.v1.") and not hasattr(import_module("stepwell.compat.v1"), node.attr):
            return ast.Attribute(ast.Name("tf", ast.Load()), node.attr, ast.Load())
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """The arguments of version 2."""
        self.generic_visit(node)
        function = ast.unparse(node.func) if self._all_imports else ""
        for keyword in node.keywords if function.startswith("tf.nn.") else ():
            keyword.arg = _KEYWORDS.get(keyword.arg or "", keyword.arg)
        if function.endswith(".__name__.endswith") and self._names(node.args[0]):
            names = (ast.Constant(name) for name in ("stepwell", "keras.src.backend"))  # the latter has stepwell's
            node.args[0] = ast.Tuple([node.args[0], *names], ast.Load())
        if function == "tf.math.in_top_k":
            node.args[:2] = reversed(node.args[:2])
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        if self._all_imports and node.names[0].name == "tensorflow":
            if node.module == "keras.src.utils.module_utils":
                return ast.Import([ast.alias("stepwell._keras_names", "tf")])
            if node.module == "keras.src.backend":  # in functions: each call takes the backend of its tensors
                return ast.ImportFrom("stepwell._keras_names", [ast.alias("keras_backend", node.names[0].asname)], 0)
        return node


class _Renamer(ast.NodeTransformer):
    """Makes the branch of a backend that of stepwell: comparisons with its name, and imports from it."""

    def __init__(self, backend: str):
        self._backend = backend

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("stepwell") if node.value == self._backend else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        old = f"keras.src.backend.{self._backend}"
        if node.module is None or not (node.module == old or node.module.startswith(f"{old}.")):
            return node
        node.module = _MODULES.get(node.module, node.module.replace(old, PACKAGE))
        for alias in node.names:
            alias.name = alias.name.replace(self._backend.capitalize(), "Stepwell")
        return node
