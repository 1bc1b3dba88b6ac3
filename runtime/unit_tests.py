"""`test`: TensorFlow's class for unit tests, with its assertions about tensors."""

from __future__ import annotations

import random as python_random
import re
import shutil
import tempfile
import unittest
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np

from ..compiler.frontend.ops.random.seeds import set_seed
from ..compiler.frontend.values.dispatch import as_tensor
from ..compiler.frontend.values.nest import map_structure
from ..compiler.frontend.values.tensor import is_tensor
from ..dialects.diagnostics import OpError
from ..dialects.public import public

_SEED = 87654321


@public("test")
class TestCase(unittest.TestCase):
    """A `unittest.TestCase` with assertions about tensors, arrays, and structures of them.

    Before each test the seeds of random numbers are set.

    Example:
        >>> import stepwell as sw
        >>> class SquareTest(sw.test.TestCase):
        ...     def runTest(self):
        ...         self.assertAllClose(sw.square([1.0, 2.0]), [1.0, 4.0])
        >>> SquareTest().run().wasSuccessful()
        True
    """

    __test__ = False  # subclasses are tests, and this is none

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let test runners find the tests of a subclass."""
        super().__init_subclass__(**kwargs)
        if "__test__" not in vars(cls):
            cls.__test__ = True  # pyright: ignore[reportAttributeAccessIssue]

    def setUp(self) -> None:
        """Set the seeds of random numbers."""
        super().setUp()
        python_random.seed(_SEED)
        np.random.seed(_SEED)
        set_seed(_SEED)

    def get_temp_dir(self) -> str:
        """Return a folder for the files of this test, which is removed after it."""
        folder = getattr(self, "_folder", None)
        if folder is None:
            folder = self._folder = tempfile.mkdtemp()
            self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def evaluate(self, tensors: object) -> Any:
        """Return the structure with numpy arrays in place of tensors and Variables."""
        return map_structure(lambda each: as_tensor(each).numpy() if is_tensor(each) else each, tensors)

    def _array(self, value: object) -> np.ndarray:
        value = self.evaluate(value) if is_tensor(value) else value
        if isinstance(value, list | tuple):
            value = [self._array(item) for item in value]
        return np.asarray(value)

    def assertAllEqual(self, a: object, b: object, msg: str | None = None) -> None:
        """Fail unless two arrays have the same shape and elements; NaN is equal to NaN."""
        first, second = self._array(a), self._array(b)
        self.assertEqual(first.shape, second.shape, _joined(msg, "the shapes differ"))
        np.testing.assert_array_equal(_wide(first), _wide(second), msg or "")

    def assertNotAllEqual(self, a: object, b: object, msg: str | None = None) -> None:
        """Fail if two arrays have the same shape and elements."""
        with self._differing(msg):
            self.assertAllEqual(a, b)

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Fail unless two arrays, or all arrays of two structures, are close: `|a - b| <= atol + rtol * |b|`."""
        if isinstance(a, Mapping) or isinstance(b, Mapping):
            self.assertIsInstance(a, Mapping, msg)
            self.assertIsInstance(b, Mapping, msg)
            self.assertEqual(set(a), set(b), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, _joined(msg, f"at {key!r}"))
            return
        if _is_ragged(a) or _is_ragged(b):
            self.assertEqual(len(a), len(b), msg)
            for number, (mine, theirs) in enumerate(zip(a, b)):
                self.assertAllClose(mine, theirs, rtol, atol, _joined(msg, f"at {number}"))
            return
        first, second = self._array(a), self._array(b)
        self.assertEqual(first.shape, second.shape, _joined(msg, "the shapes differ"))
        np.testing.assert_allclose(_wide(first), _wide(second), rtol, atol, err_msg=msg or "")

    def assertNotAllClose(
        self, a: object, b: object, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Fail if two arrays are close."""
        with self._differing(msg):
            self.assertAllClose(a, b, rtol, atol)

    def assertAllCloseAccordingToType(
        self,
        a: object,
        b: object,
        rtol: float = 1e-6,
        atol: float = 1e-6,
        float_rtol: float = 1e-6,
        float_atol: float = 1e-6,
        half_rtol: float = 1e-3,
        half_atol: float = 1e-3,
        bfloat16_rtol: float = 1e-2,
        bfloat16_atol: float = 1e-2,
        msg: str | None = None,
    ) -> None:
        """Fail unless two arrays are close, with the tolerances of the less exact one of their dtypes."""
        names = {self._array(a).dtype.name, self._array(b).dtype.name}
        for name, by in (
            ("float32", (float_rtol, float_atol)),
            ("float16", (half_rtol, half_atol)),
            ("bfloat16", (bfloat16_rtol, bfloat16_atol)),
        ):
            if name in names:
                rtol, atol = max(rtol, by[0]), max(atol, by[1])
        self.assertAllClose(a, b, rtol, atol, msg)

    @contextmanager
    def _differing(self, msg: str | None) -> Iterator[None]:
        try:
            yield
        except AssertionError:
            return
        self.fail(_joined(msg, "the arrays are the same"))

    def assertNear(self, f1: Any, f2: Any, err: float, msg: str | None = None) -> None:
        """Fail unless two numbers differ by at most `err`."""
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err, _joined(msg, f"{f1!r} and {f2!r} differ by more than {err}"))

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: str | None = None) -> None:
        """Fail unless the numbers of two vectors differ by at most `err`."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for mine, theirs in zip(farray1, farray2):
            self.assertNear(float(mine), float(theirs), err, msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None) -> None:
        """Fail unless the norm of the difference of two arrays is at most `err`."""
        norm = float(np.linalg.norm(self._array(ndarray1) - self._array(ndarray2)))
        self.assertLessEqual(norm, err, msg)

    def assertShapeEqual(self, input_a: object, input_b: object, msg: str | None = None) -> None:
        """Fail unless two arrays have the same shape."""
        self.assertEqual(tuple(np.shape(self._array(input_a))), tuple(np.shape(self._array(input_b))), msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Fail unless an array has a dtype."""
        dtype = target.dtype if hasattr(target, "dtype") else self._array(target).dtype
        self.assertEqual(np.dtype(dtype), np.dtype(expected_dtype))

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are greater than a number."""
        self.assertTrue((self._array(a) > comparison_target).all(), f"expected more than {comparison_target}, got {a}")

    def assertAllLess(self, a: object, comparison_target: object) -> None:
        """Fail unless all elements are less than a number."""
        self.assertTrue((self._array(a) < comparison_target).all(), f"expected less than {comparison_target}, got {a}")

    def assertAllGreaterEqual(self, a: object, comparison_target: object) -> None:
        """Fail unless all elements are a number or more."""
        self.assertTrue((self._array(a) >= comparison_target).all(), f"expected at least {comparison_target}, got {a}")

    def assertAllLessEqual(self, a: object, comparison_target: object) -> None:
        """Fail unless all elements are a number or less."""
        self.assertTrue((self._array(a) <= comparison_target).all(), f"expected at most {comparison_target}, got {a}")

    def assertAllInRange(
        self,
        target: object,
        lower_bound: object,
        upper_bound: object,
        open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:
        """Fail unless all elements are between two numbers."""
        array = self._array(target)
        above = array > lower_bound if open_lower_bound else array >= lower_bound
        below = array < upper_bound if open_upper_bound else array <= upper_bound
        self.assertTrue((above & below).all(), f"expected elements from {lower_bound} to {upper_bound}, got {array}")

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Fail unless all elements are of a set."""
        self.assertLessEqual(set(self._array(target).ravel().tolist()), set(expected_set))

    def assertEmpty(self, container: Any, msg: str | None = None) -> None:
        """Fail unless a container is empty."""
        self.assertEqual(len(container), 0, msg)

    def assertNotEmpty(self, container: Any, msg: str | None = None) -> None:
        """Fail if a container is empty."""
        self.assertNotEqual(len(container), 0, msg)

    def assertLen(self, container: Any, expected_len: int, msg: str | None = None) -> None:
        """Fail unless a container has so many elements."""
        self.assertEqual(len(container), expected_len, msg)

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        """Fail unless a text starts with another one."""
        self.assertTrue(actual.startswith(expected_start), _joined(msg, f"{actual!r} starts otherwise"))

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: str | None = None) -> None:
        """Fail unless a number is between two others."""
        self.assertTrue(minv <= value <= maxv, _joined(msg, f"expected from {minv} to {maxv}, got {value}"))

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> AbstractContextManager[None]:
        """Fail unless the context raises an OpError whose message fits."""
        return self.assertRaisesWithPredicateMatch(OpError, expected_err_re_or_predicate)

    @contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected_err_re_or_predicate: Any) -> Iterator[None]:
        """Fail unless the context raises an error that fits: a regular expression, or a function of the error."""
        fits: Callable[[Any], Any] = (
            expected_err_re_or_predicate
            if callable(expected_err_re_or_predicate)
            else lambda error: re.search(expected_err_re_or_predicate, str(error))
        )
        try:
            yield
        except exception_type as error:
            if not fits(error):
                raise AssertionError(f"an error of another message was raised: {error!r}") from error
            return
        self.fail(f"{getattr(exception_type, '__name__', exception_type)} was not raised")


def _joined(msg: str | None, what: str) -> str:
    return f"{msg}: {what}" if msg else what


def _wide(array: np.ndarray) -> np.ndarray:
    """An array that NumPy can compare: bfloat16, which is none of its own dtypes, as float64."""
    return array.astype(np.float64) if array.dtype.name == "bfloat16" else array


def _is_ragged(value: object) -> bool:
    """Whether a list or tuple has items of different shapes, or dicts."""
    if not isinstance(value, list | tuple) or not value:
        return False
    if any(isinstance(item, Mapping) for item in value):
        return True
    shapes: Sequence[Any] = [np.shape(item) if not is_tensor(item) else tuple(as_tensor(item).shape) for item in value]
    return any(shape != shapes[0] for shape in shapes)


@public("test")
def main(argv: list[str] | None = None) -> None:
    """Run the unit tests of the program, and end it."""
    unittest.main(argv=argv)


@public("test")
def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: object = None) -> bool:
    """False: programs run on the CPU."""
    del cuda_only, min_cuda_compute_capability
    return False


@public("test")
def gpu_device_name() -> str:
    """Nothing: programs run on the CPU."""
    return ""


@public("test")
def is_built_with_cuda() -> bool:
    """False: programs run on the CPU."""
    return False


@public("test")
def is_built_with_gpu_support() -> bool:
    """False: programs run on the CPU."""
    return False


@public("test")
def is_built_with_rocm() -> bool:
    """False: programs run on the CPU."""
    return False


@public("test")
def is_built_with_xla() -> bool:
    """False: functions are compiled by stepwell."""
    return False
