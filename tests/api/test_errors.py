"""Errors are caught by their class: stepwell's own, or the class of Python that one would expect."""

import pytest

import stepwell as sw

PYTHON_CLASSES = {
    "FailedAssertionError": (AssertionError, ValueError),
    "InvalidIndexError": (IndexError, ValueError),
    "UnboundVariableError": (UnboundLocalError,),
    "ControlFlowError": (TypeError, ValueError),
    "ControlFlowGradientError": (TypeError,),
    "InvalidArgumentError": (ValueError,),
    "ResourceExhaustedError": (MemoryError,),
    "SymbolicTensorError": (TypeError,),
    "OperatorNotAllowedInGraphError": (TypeError,),
    "InvalidTypeError": (TypeError, ValueError),
    "OutOfRangeError": (IndexError,),
    "NotFoundError": (FileNotFoundError,),
    "AlreadyExistsError": (FileExistsError,),
    "PermissionDeniedError": (PermissionError,),
    "DeadlineExceededError": (TimeoutError,),
    "UnimplementedError": (NotImplementedError,),
    "FailedPreconditionError": (RuntimeError,),
    "InternalError": (RuntimeError,),
}
CLASSES = [name for name in sw.errors.__all__ if not name.isupper()]


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_says_what_it_is_for(name):
    found = getattr(sw.errors, name)
    assert issubclass(found, Exception)
    assert found.__doc__
    assert all(issubclass(found, parent) for parent in PYTHON_CLASSES.get(name, ()))


@pytest.mark.parametrize("name", ["InvalidArgumentError", "ResourceExhaustedError"])
def test_what_stops_a_program_is_an_execution_error_with_message_and_remedy(name):
    error = getattr(sw.errors, name)("too large", remedy="make it smaller")
    assert isinstance(error, sw.errors.ExecutionError)
    assert str(error) == "too large; make it smaller"


@pytest.mark.parametrize("name", [name for name in CLASSES if hasattr(getattr(sw.errors, name), "error_code")])
def test_errors_of_operations_are_made_and_asked_as_tensorflows(name):
    error_class = getattr(sw.errors, name)
    with pytest.raises(error_class) as caught:
        raise error_class(None, None, "the message")
    error = caught.value
    assert isinstance(error, sw.errors.OpError) and str(error) == error.message == "the message"
    assert (error.op, error.node_def, error.experimental_payloads) == (None, None, {})
    constant = "".join(f"_{c}" if c.isupper() else c for c in name.removesuffix("Error")).strip("_").upper()
    assert error.error_code == getattr(sw.errors, constant, error.error_code)


def _index(x, n):
    return x[n]


def _write(x, n):
    return sw.TensorArray(sw.float32, 3).write(n, 1.0).stack()


def _statement(x, n):
    assert n < 3, "too large"
    return x


REFUSED = {
    "an index": (_index, "InvalidIndexError", IndexError),
    "an index of gather": (lambda x, n: sw.gather(x, n), "InvalidIndexError", IndexError),
    "an index of a TensorArray": (_write, "OutOfRangeError", IndexError),
    "a size that does not fit": (lambda x, n: sw.reshape(x, [n, 2]), "InvalidArgumentError", ValueError),
    "a negative size": (lambda x, n: sw.zeros([n - 9]), "InvalidArgumentError", ValueError),
    "negative multiples": (lambda x, n: sw.tile(x, [n - 9]), "InvalidArgumentError", ValueError),
    "shapes that do not broadcast": (lambda x, n: x + sw.ones([n]), "InvalidArgumentError", ValueError),
    "shapes without a product": (lambda x, n: sw.matmul([x], sw.ones([n, 1])), "InvalidArgumentError", ValueError),
    "a range without steps": (lambda x, n: sw.range(0, 5, n - 5), "InvalidArgumentError", ValueError),
    "Assert": (lambda x, n: sw.Assert(n < 3, [n]), "FailedAssertionError", AssertionError),
    "an assertion": (lambda x, n: sw.debugging.assert_positive(x), "FailedAssertionError", AssertionError),
    "a shape that is known": (lambda x, n: sw.ones([2]) + sw.ones([3]), "InvalidArgumentError", ValueError),
    "an axis": (lambda x, n: sw.reduce_sum(x, axis=3), "InvalidArgumentError", ValueError),
    "an index that is known": (lambda x, n: sw.ones([2])[3], "InvalidIndexError", IndexError),
}
"""Functions of a vector of 3 numbers and of 5, the class of their error, and the class of Python that it is."""
SIGNATURE = [sw.TensorSpec([None], sw.float32), sw.TensorSpec([], sw.int32)]


@pytest.mark.parametrize("engine", [None, "native", "interpreter", "onnx"])
@pytest.mark.parametrize("what", REFUSED)
def test_one_class_for_a_refusal_eagerly_and_on_every_engine(what, engine):
    function, name, python_class = REFUSED[what]
    if engine is not None:
        function = sw.function(function, engine=engine, input_signature=SIGNATURE)
    with pytest.raises(sw.errors.OpError) as caught:
        function(sw.constant([0.0, 1.0, 2.0]), sw.constant(5))
    assert caught.type is getattr(sw.errors, name)
    assert isinstance(caught.value, python_class)


@pytest.mark.parametrize("engine", [None, "native", "interpreter", "onnx"])
def test_an_assert_statement_is_an_assertion_error_as_in_python(engine):
    function = _statement if engine is None else sw.function(_statement, engine=engine, input_signature=SIGNATURE)
    with pytest.raises(AssertionError, match="too large"):
        function(sw.constant([0.0]), sw.constant(5))


@pytest.mark.parametrize("engine", [None, "native", "interpreter"])
def test_a_variable_without_a_value_is_an_unbound_local_error_as_in_python(engine):
    def last(n):
        for i in sw.range(n):
            y = i * 2
        return y

    function = last if engine is None else sw.function(last, engine=engine)
    with pytest.raises(UnboundLocalError, match="'y'"):
        function(sw.constant(0))


@pytest.mark.parametrize("engine", [None, "native", "interpreter", "onnx"])
def test_a_dtype_is_a_type_error_whatever_the_message_says(engine):
    def add(x, n):
        return sw.add(x, n)

    function = add if engine is None else sw.function(add, engine=engine)
    with pytest.raises(TypeError):
        function(sw.constant([0.0]), sw.constant(5))


@pytest.mark.parametrize("op", [sw.logical_not, sw.sqrt, lambda x: sw.gather([1.0], x)])
def test_an_op_that_does_not_take_a_dtype_is_a_type_error(op):
    wrong = sw.constant([1.0]) if op is not sw.sqrt else sw.constant([1])
    with pytest.raises(TypeError):
        op(wrong)
    with pytest.raises(TypeError):
        sw.function(op)(wrong)
