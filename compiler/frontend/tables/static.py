"""`StaticHashTable` and `StaticVocabularyTable`: tables that are filled when they are made."""

from __future__ import annotations

from typing import Any, Self

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import INT64, STRING, DType, DTypeLike
from ....dialects.public import public
from ..ops.arguments import shown
from ..ops.creation import constant
from ..ops.logic import equal
from ..ops.math import add
from ..ops.select import cast, where
from ..ops.strings.codes import to_hash_bucket_fast
from ..ops.strings.parts import as_string
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from .entries import Entries
from .files import TextFileInitializer
from .initializers import KeyValueTensorInitializer
from .table import Table, default_of, key_dtype_of, on_values


@public("lookup")
class StaticHashTable(Table):
    """A table that does not change.

    Args:
        initializer: its keys and values: a `KeyValueTensorInitializer` or a `TextFileInitializer`.
        default_value: the value of keys that are not there; a scalar.
        name: its name.
        experimental_is_anonymous: not used; every table is an object of its own.

    Raises FailedPreconditionError where a key has two values.

    Example:
        >>> import stepwell as sw
        >>> initializer = sw.lookup.KeyValueTensorInitializer(["emerson", "lake"], [0, 1])
        >>> table = sw.lookup.StaticHashTable(initializer, default_value=-1)
        >>> table.lookup(sw.constant(["lake", "king"])).numpy().tolist()
        [1, -1]
    """

    def __init__(
        self,
        initializer: KeyValueTensorInitializer | TextFileInitializer,
        default_value: TensorLike,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ):
        super().__init__(name)
        if not (hasattr(initializer, "key_dtype") and hasattr(initializer, "initialize")):
            raise InvalidTypeError(f"StaticHashTable: initializer: expected an initializer, got {shown(initializer)}")
        self.initializer = initializer
        self.entries = Entries(initializer.key_dtype, initializer.value_dtype)
        self.default = default_of("StaticHashTable", default_value, initializer.value_dtype)
        if self.default.shape != ():
            raise InvalidArgumentError(
                f"StaticHashTable: default_value: expected a scalar, got shape {self.default.shape}"
            )
        initializer.initialize(self)

    @property
    def default_value(self) -> Tensor:
        """The value of keys that are not there."""
        return self.default


@public("lookup")
class StaticVocabularyTable:
    """Ids of strings or integers: those of a vocabulary, and for all others buckets after them, by their hashes.

    A key that is not in the vocabulary has the id `size of the vocabulary + fingerprint(key) % num_oov_buckets`; the
    fingerprint of an integer is that of its decimal digits.

    Args:
        initializer: keys, and their ids from 0 on, as int64; None for buckets alone.
        num_oov_buckets: how many buckets there are, at least 1.
        lookup_key_dtype: the dtype of keys; needed where there is no initializer and keys are no strings.
        name: its name.
        experimental_is_anonymous: not used.

    Example:
        >>> import stepwell as sw
        >>> ids = sw.constant([0, 1, 2], sw.int64)
        >>> initializer = sw.lookup.KeyValueTensorInitializer(["emerson", "lake", "palmer"], ids)
        >>> table = sw.lookup.StaticVocabularyTable(initializer, num_oov_buckets=3)
        >>> table.lookup(sw.constant(["palmer", "king", "crimson"])).numpy().tolist()
        [2, 5, 4]
    """

    def __init__(
        self,
        initializer: KeyValueTensorInitializer | TextFileInitializer | None,
        num_oov_buckets: int,
        lookup_key_dtype: DTypeLike | None = None,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ):
        if num_oov_buckets <= 0:
            raise InvalidArgumentError(
                f"StaticVocabularyTable: num_oov_buckets: expected 1 or more, got {num_oov_buckets}; StaticHashTable "
                "has no buckets"
            )
        own = STRING if initializer is None else initializer.key_dtype
        self._key_dtype = own if lookup_key_dtype is None else key_dtype_of("StaticVocabularyTable", lookup_key_dtype)
        if initializer is not None:
            if initializer.value_dtype != INT64:
                raise InvalidTypeError(
                    "StaticVocabularyTable: initializer: expected value_dtype int64, got "
                    f"{initializer.value_dtype.name}"
                )
            if self._key_dtype != own and STRING in (self._key_dtype, own):
                raise InvalidTypeError(
                    f"StaticVocabularyTable: lookup_key_dtype: expected {own.name}, as of the initializer, got "
                    f"{self._key_dtype.name}"
                )
        self.num_oov_buckets, self._name = int(num_oov_buckets), name
        self.table = None if initializer is None else StaticHashTable(initializer, constant(-1, INT64))

    def around(self, table: StaticHashTable | None) -> Self:
        """This table, with another one for the vocabulary."""
        self.table = table
        return self

    @property
    def name(self) -> str | None:
        """The name that it was given."""
        return self._name

    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The dtype of ids: int64."""
        return INT64

    def size(self, name: str | None = None) -> Tensor:
        """The number of ids, with those of buckets, as int64."""
        return constant(self._known + self.num_oov_buckets, INT64)

    @property
    def _known(self) -> int:
        return 0 if self.table is None else len(self.table.entries)

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The ids of keys.

        Args:
            keys: a tensor of any shape, or a SparseTensor or RaggedTensor, whose values are looked up.
            name: not used.

        Raises TypeError for keys of another dtype.
        """
        return on_values(self._ids, keys)

    def _ids(self, keys: Any) -> Tensor:
        keys = as_tensor(keys, self._key_dtype, "StaticVocabularyTable.lookup: keys")
        texts = keys if self._key_dtype == STRING else as_string(keys)
        buckets = to_hash_bucket_fast(texts, self.num_oov_buckets)
        if self.table is None:
            return buckets
        found = self.table.lookup(cast(keys, self.table.key_dtype))
        return where(equal(found, constant(-1, INT64)), add(buckets, constant(self._known, INT64)), found)

    def __getitem__(self, keys: Any) -> Any:
        """The ids of keys."""
        return self.lookup(keys)


TABLES = (Table, StaticVocabularyTable)
"""The classes of all tables."""
