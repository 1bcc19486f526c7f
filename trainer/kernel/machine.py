"""What Numba has no words for, in LLVM's: fetching memory ahead, bits as numbers, and adding up in groups.

Adding to scattered places costs a processor more than arithmetic: before it reads one place it may have to wait until
what it wrote before has settled (some clouds forbid it to go ahead: Speculative Store Bypass Disable). A group is read
whole, then added to, then written whole, so that this wait is paid once; its items are distinct, since no user has one
twice. A count and a sum lie side by side, so that they are one read, one addition and one write.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

# Numba's own: a type of its language, and what knows how that is laid out.
Type: TypeAlias = Any
Context: TypeAlias = Any
Builder: TypeAlias = ir.IRBuilder
Value: TypeAlias = ir.Value
Values: TypeAlias = Sequence[ir.Value]
# An intrinsic gives its signature, and what writes its code.
Code: TypeAlias = tuple[Signature, Callable[[Context, Builder, Signature, Values], Value]]

_BYTE, _INT32, _INT64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_FLOAT, _DOUBLE = ir.FloatType(), ir.DoubleType()
_TWO_DOUBLES = ir.VectorType(_DOUBLE, 2)
_ONE_USER = ir.Constant(_TWO_DOUBLES, [1.0, 0.0])
_NOTHING = ir.Constant(_TWO_DOUBLES, [0.0, 0.0])


def _callable(code: Callable[..., Code]) -> Callable[..., Any]:
    """Let compiled functions call it, with values where the code's writer is given types."""
    return cast("Callable[..., Any]", intrinsic(code))


@_callable
def prefetch(_typing: Context, array: Type, _row: Type) -> Code:
    """Have a row of an array of two columns on its way before it is asked for; any number will do."""

    def generate(context: Context, builder: Builder, signature: Signature, values: Values) -> Value:
        place = builder.gep(_data(context, builder, signature, values, 0), [builder.mul(values[1], _int64(2))])
        kind = ir.FunctionType(ir.VoidType(), [_BYTE.as_pointer(), _INT32, _INT32, _INT32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        to_read, keep_it, as_data = (ir.Constant(_INT32, number) for number in (0, 3, 1))
        builder.call(function, [builder.bitcast(place, _BYTE.as_pointer()), to_read, keep_it, as_data])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


@_callable
def bits_of(_typing: Context, _number: Type) -> Code:
    """Give the bits of a float32 as uint32; of positive numbers they rise with the number."""

    def generate(_context: Context, builder: Builder, _signature: Signature, values: Values) -> Value:
        return builder.bitcast(values[0], _INT32)

    return types.uint32(types.float32), generate


@_callable
def float_of(_typing: Context, _bits: Type) -> Code:
    """Give the float32 of these bits, uint32."""

    def generate(_context: Context, builder: Builder, _signature: Signature, values: Values) -> Value:
        return builder.bitcast(values[0], _FLOAT)

    return types.float32(types.uint32), generate


def _adding(n: int) -> Callable[..., Any]:
    """Make add(sums, entries, first, weight): each of n entries adds a user, and weight times its own, to its item."""

    def add(_typing: Context, sums: Type, entries: Type, _first: Type, _weight: Type) -> Code:
        def generate(context: Context, builder: Builder, signature: Signature, values: Values) -> Value:
            table, listed = (_data(context, builder, signature, values, number) for number in (0, 1))
            rows = [_row(builder, table, listed, values[2], number) for number in range(n)]
            products = [builder.fmul(_weight_in(builder, listed, values[2], number), values[3]) for number in range(n)]
            more = [builder.insert_element(_ONE_USER, product, ir.Constant(_INT32, 1)) for product in products]
            added = [builder.fadd(builder.load(row, align=8), pair) for row, pair in zip(rows, more, strict=True)]
            for row, pair in zip(rows, added, strict=True):
                builder.store(pair, row, align=8)
            return context.get_dummy_value()

        return types.void(sums, entries, types.int64, types.float64), generate

    return _callable(add)


def _clearing(n: int) -> Callable[..., Any]:
    """Make clear(sums, entries, first): the sums of n entries' items are 0."""

    def clear(_typing: Context, sums: Type, entries: Type, _first: Type) -> Code:
        def generate(context: Context, builder: Builder, signature: Signature, values: Values) -> Value:
            table, listed = (_data(context, builder, signature, values, number) for number in (0, 1))
            for row in [_row(builder, table, listed, values[2], number) for number in range(n)]:
                builder.store(_NOTHING, row, align=8)
            return context.get_dummy_value()

        return types.void(sums, entries, types.int64), generate

    return _callable(clear)


add_one, add_eight = _adding(1), _adding(8)
clear_one, clear_eight = _clearing(1), _clearing(8)


def _row(builder: Builder, sums: Value, entries: Value, first: Value, number: int) -> Value:
    """Point to the sums of an entry's item."""
    item = builder.zext(builder.load(_cell(builder, entries, first, number, 1)), _INT64)
    return builder.bitcast(builder.gep(sums, [builder.mul(item, _int64(2))]), _TWO_DOUBLES.as_pointer())


def _weight_in(builder: Builder, entries: Value, first: Value, number: int) -> Value:
    """Read an entry's weight, as a double."""
    cell = builder.bitcast(_cell(builder, entries, first, number, 0), _FLOAT.as_pointer())
    return builder.fpext(builder.load(cell), _DOUBLE)


def _cell(builder: Builder, entries: Value, first: Value, number: int, column: int) -> Value:
    row = builder.add(first, _int64(number))
    return builder.gep(entries, [builder.add(builder.mul(row, _int64(2)), _int64(column))])


def _int64(number: int) -> Value:
    return ir.Constant(_INT64, number)


def _data(context: Context, builder: Builder, signature: Signature, values: Values, number: int) -> Value:
    """Point to the data of an array that was handed in."""
    return context.make_array(signature.args[number])(context, builder, values[number]).data
