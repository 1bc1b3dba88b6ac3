# Written by `python -m stepwell.tools.public_api --write`.

import unittest
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

class TestCase(unittest.TestCase):
    """A `unittest.TestCase` with assertions about tensors, arrays, and structures of them."""
    __test__ = False
    def setUp(self) -> None:
        """Set the seeds of random numbers."""
    def get_temp_dir(self) -> str:
        """Return a folder for the files of this test, which is removed after it."""
    def evaluate(self, tensors: object) -> Any:
        """Return the structure with numpy arrays in place of tensors and Variables."""
    def assertAllEqual(self, a: object, b: object, msg: str | None = None) -> None:
        """Fail unless two arrays have the same shape and elements; NaN is equal to NaN."""
    def assertNotAllEqual(self, a: object, b: object, msg: str | None = None) -> None:
        """Fail if two arrays have the same shape and elements."""
    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-06, atol: float = 1e-06, msg: str | None = None) -> None:
        """Fail unless two arrays, or all arrays of two structures, are close: `|a - b| <= atol + rtol * |b|`."""
    def assertNotAllClose(
        self,
        a: object,
        b: object,
        rtol: float = 1e-06,
        atol: float = 1e-06,
        msg: str | None = None,
    ) -> None:
        """Fail if two arrays are close."""
    def assertAllCloseAccordingToType(
        self,
        a: object,
        b: object,
        rtol: float = 1e-06,
        atol: float = 1e-06,
        float_rtol: float = 1e-06,
        float_atol: float = 1e-06,
        half_rtol: float = 0.001,
        half_atol: float = 0.001,
        bfloat16_rtol: float = 0.01,
        bfloat16_atol: float = 0.01,
        msg: str | None = None,
    ) -> None:
        """Fail unless two arrays are close, with the tolerances of the less exact one of their dtypes."""
    def assertNear(self, f1: Any, f2: Any, err: float, msg: str | None = None) -> None:
        """Fail unless two numbers differ by at most `err`."""
    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: str | None = None) -> None:
        """Fail unless the numbers of two vectors differ by at most `err`."""
    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None) -> None:
        """Fail unless the norm of the difference of two arrays is at most `err`."""
    def assertShapeEqual(self, input_a: object, input_b: object, msg: str | None = None) -> None:
        """Fail unless two arrays have the same shape."""
    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Fail unless an array has a dtype."""
    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are greater than a number."""
    def assertAllLess(self, a: object, comparison_target: object) -> None:
        """Fail unless all elements are less than a number."""
    def assertAllGreaterEqual(self, a: object, comparison_target: object) -> None:
        """Fail unless all elements are a number or more."""
    def assertAllLessEqual(self, a: object, comparison_target: object) -> None:
        """Fail unless all elements are a number or less."""
    def assertAllInRange(
        self,
        target: object,
        lower_bound: object,
        upper_bound: object,
        open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:
        """Fail unless all elements are between two numbers."""
    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Fail unless all elements are of a set."""
    def assertEmpty(self, container: Any, msg: str | None = None) -> None:
        """Fail unless a container is empty."""
    def assertNotEmpty(self, container: Any, msg: str | None = None) -> None:
        """Fail if a container is empty."""
    def assertLen(self, container: Any, expected_len: int, msg: str | None = None) -> None:
        """Fail unless a container has so many elements."""
    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        """Fail unless a text starts with another one."""
    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: str | None = None) -> None:
        """Fail unless a number is between two others."""
    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> AbstractContextManager[None]:
        """Fail unless the context raises an OpError whose message fits."""
    @contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected_err_re_or_predicate: Any) -> Iterator[None]:
        """Fail unless the context raises an error that fits: a regular expression, or a function of the error."""

def gpu_device_name() -> str:
    """Nothing: programs run on the CPU."""

def is_built_with_cuda() -> bool:
    """False: programs run on the CPU."""

def is_built_with_gpu_support() -> bool:
    """False: programs run on the CPU."""

def is_built_with_rocm() -> bool:
    """False: programs run on the CPU."""

def is_built_with_xla() -> bool:
    """False: functions are compiled by stepwell."""

def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: object = None) -> bool:
    """False: programs run on the CPU."""

def main(argv: list[str] | None = None) -> None:
    """Run the unit tests of the program, and end it."""
