"""Generated programs of floats with loops, branches, a TensorArray and a Variable, which have derivatives."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from stepwell.testing.python_programs import PythonProgram

VECTORS = (
    "sw.sin(h) + x",
    "sw.tanh(h * v)",
    "h * s * 0.5 + x * 0.25",
    "sw.reverse(h, [0]) * 0.9",
    "sw.cumsum(h) * 0.3",
    "sw.where(h > 0.1, h * h, x * h)",
    "sw.tanh(sw.stack([s, h[0] * v, x[1]]))",
    "sw.tanh(sw.linalg.matvec(sw.reshape(sw.concat([h, x, h * x], 0), [3, 3]), h))",
    "sw.tensor_scatter_nd_add(h * 0.5, [[{index}]], [s])",
    "h * p.read({index})",
    "sw.tanh(helper(h, s))",
    "sw.stop_gradient(h) * x",
)
SCALARS = (
    "sw.reduce_sum(h) * 0.3",
    "sw.sin(s) + h[{index}]",
    "s * 0.9 + x[{index}] * v",
    "sw.tanh(p.read({index}) * s)",
    "sw.reduce_max(h) * 0.5",
    "sw.reduce_sum(p.stack()) * 0.2 + s",
)
CONDITIONS = ("s > 0.2", "sw.reduce_sum(h) < 0.4", "h[{index}] > x[{index}]", "n % 2 == 0", "{index} == 1")

HELPER = """@sw.function
def helper(h, s):
    for _ in sw.range(2):
        if s > 0.0:
            h = h * s + 0.1
    return h

"""


class _Writer:
    def __init__(self, random: Random):
        self.random = random
        self.lines: list[str] = []
        self.counters: list[str] = []
        self.names = 0

    def add(self, depth: int, text: str) -> None:
        index = self.random.choice(["0", "1", "2", *(f"{name} % 3" for name in self.counters)])
        self.lines.append("    " * depth + text.replace("{index}", index))

    def block(self, depth: int, loop: bool) -> None:
        for _ in range(self.random.randint(1, 3)):
            self.statement(depth, loop)

    def statement(self, depth: int, loop: bool) -> None:
        kinds = ["vector", "vector", "scalar", "write", "assign"]
        kinds += ["if", "for", "while"] if depth < 4 else []
        kinds += ["leave"] if loop else []
        getattr(self, f"_{self.random.choice(kinds)}")(depth, loop)

    def _vector(self, depth: int, loop: bool) -> None:
        self.add(depth, f"h = {self.random.choice(VECTORS)}")

    def _scalar(self, depth: int, loop: bool) -> None:
        self.add(depth, f"s = {self.random.choice(SCALARS)}")

    def _write(self, depth: int, loop: bool) -> None:
        self.add(depth, "p = p.write({index}, sw.tanh(s + p.read({index})))")

    def _assign(self, depth: int, loop: bool) -> None:
        self.add(depth, "v.assign(v * 0.9 + 0.05)")

    def _if(self, depth: int, loop: bool) -> None:
        self.add(depth, f"if {self.random.choice(CONDITIONS)}:")
        self.block(depth + 1, loop)
        if self.random.random() < 0.5:
            self.add(depth, "else:")
            self.block(depth + 1, loop)

    def _for(self, depth: int, loop: bool) -> None:
        name = self.new_name("i")
        self.add(depth, f"for {name} in sw.range({self.random.choice(['n', '3', 'n - 2', 'n + 1'])}):")
        self.inside(name, depth)

    def _while(self, depth: int, loop: bool) -> None:
        name = self.new_name("c")
        self.add(depth, f"{name} = 0")
        self.add(depth, f"while {name} < {self.random.choice(['n', '4'])} and sw.reduce_sum(h) < 2.0:")
        self.add(depth + 1, f"{name} = {name} + 1")
        self.inside(name, depth)

    def _leave(self, depth: int, loop: bool) -> None:
        self.add(depth, f"if {self.random.choice(CONDITIONS)}:")
        self.add(depth + 1, self.random.choice(["break", "continue", "return h * s"]))

    def new_name(self, kind: str) -> str:
        self.names += 1
        return f"{kind}{self.names}"

    def inside(self, name: str, depth: int) -> None:
        self.counters.append(name)
        self.block(depth + 1, True)
        self.counters.remove(name)


def loop_program(seed: int) -> PythonProgram:
    """The program of a seed: `program(x, v, n)` of a vector of three floats, a scalar Variable and an int32 scalar."""
    writer = _Writer(Random(seed))
    writer.add(0, "def program(x, v, n):")
    writer.add(1, "h, s = x * 1.0, x[0] * x[2]")
    writer.add(1, "p = sw.TensorArray(x.dtype, 3, clear_after_read=False).unstack(x * x)")
    for _ in range(4):
        writer.statement(1, False)
    writer.add(1, "return h * 1.5 + s + p.stack()")
    return PythonProgram(HELPER + "\n".join(writer.lines) + "\n")


def loop_programs() -> st.SearchStrategy[PythonProgram]:
    """Programs of any seed."""
    return st.integers(0, 2**32 - 1).map(loop_program)
