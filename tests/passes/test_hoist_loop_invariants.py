"""hoist-loop-invariants: what leaves a loop, what must stay, and why."""

import numpy as np
import pytest

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.rewriting import collect_refusals
from stepwell.dialects.context import make_context
from stepwell.runtime.outcomes import observe


def hoisted(text):
    """The module after the pass, and the reasons it gave for what it left."""
    module = parse_module(text, "program.mlir")
    before = module.clone()
    with collect_refusals() as log:
        PassManager(make_context(), verify_each=True).run(module, "hoist-loop-invariants")
    return before, module, [refusal.reason for refusal in log.refusals]


def where(module, name):
    """For each op of that name: the ops it is nested in, from the outermost to the innermost."""
    found = []
    for op in module.walk():
        if op.name == name:
            chain, outer = [], op.parent_op()
            while outer is not None and outer.name != "func.func":
                chain.append(outer.name.removeprefix("scf."))
                outer = outer.parent_op()
            found.append("/".join(reversed(chain)))
    return found


def for_loop(body, count="%n", carried="tensor<3xf32>", parameters="%x: tensor<3xf32>, %n: index"):
    """A function with one `scf.for` over `body`, which ends with the value `%next`."""
    return f"""
    func.func @main({parameters}) -> {carried} {{
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %two = arith.constant 2 : index
      %r = scf.for %i = %zero to {count} step %one iter_args(%y = %x) -> ({carried}) {{
        {body}
        scf.yield %next : {carried}
      }}
      func.return %r : {carried}
    }}
    """


ADD = "%next = hl.add %y, %e : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>"
EXP = "%e = hl.exp %x : (tensor<3xf32>) -> tensor<3xf32>"
DYNAMIC = "%x: tensor<?xf32>, %z: tensor<?xf32>, %n: index"
CHECKED = "%e = hl.add %x, %z : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>"
NEXT = "%next = hl.exp %y : (tensor<?xf32>) -> tensor<?xf32>"


def test_chains_and_constants_leave_in_order():
    body = f"""
        %c = arith.constant dense<2.0> : tensor<3xf32>
        %s = hl.mul %x, %c : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
        %e = hl.exp %s : (tensor<3xf32>) -> tensor<3xf32>
        {ADD}"""
    before, after, _ = hoisted(for_loop(body))
    assert where(after, "hl.mul") == where(after, "hl.exp") == [""]
    assert where(after, "hl.add") == ["for"]
    inputs = [np.array([1, -2, np.nan], np.float32), np.int64(3)]
    assert str(observe(before, inputs)) == str(observe(after, inputs))


def test_an_op_leaves_several_loops():
    body = f"""
        %inner = scf.for %j = %zero to %n step %one iter_args(%w = %y) -> (tensor<3xf32>) {{
          {EXP}
          %m = hl.mul %y, %e : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
          %v = hl.add %w, %m : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
          scf.yield %v : tensor<3xf32>
        }}
        %next = hl.neg %inner : (tensor<3xf32>) -> tensor<3xf32>"""
    _, after, _ = hoisted(for_loop(body))
    assert where(after, "hl.exp") == [""]
    assert where(after, "hl.mul") == ["for"]
    assert where(after, "hl.add") == ["for/for"]


def test_both_parts_of_a_while_loop():
    text = """
    func.func @main(%x: tensor<i32>) -> tensor<i32> {
      %r = scf.while (%y = %x) : (tensor<i32>) -> tensor<i32> {
        %limit = arith.constant dense<40> : tensor<i32>
        %less = hl.less %y, %limit : (tensor<i32>, tensor<i32>) -> tensor<i1>
        %c = tensor.extract %less[] : tensor<i1>
        scf.condition(%c) %y : tensor<i32>
      } do {
      ^bb0(%z: tensor<i32>):
        %d = hl.mul %x, %x : (tensor<i32>, tensor<i32>) -> tensor<i32>
        %next = hl.add %z, %d : (tensor<i32>, tensor<i32>) -> tensor<i32>
        scf.yield %next : tensor<i32>
      }
      func.return %r : tensor<i32>
    }
    """
    before, after, _ = hoisted(text)
    assert where(after, "hl.mul") == where(after, "arith.constant") == [""]
    assert where(after, "hl.less") == where(after, "hl.add") == ["while"]
    for start in (3, 40, 50):
        inputs = [np.array(start, np.int32)]
        assert str(observe(before, inputs)) == str(observe(after, inputs))


def test_what_can_fail_stays_in_a_loop_that_may_not_run():
    before, after, reasons = hoisted(for_loop(f"{CHECKED}\n{NEXT}", "%n", "tensor<?xf32>", DYNAMIC))
    assert where(after, "hl.add") == ["for"]
    assert len(reasons) == 1 and reasons[0].startswith("it checks something at run time (shapes do not broadcast")
    inputs = [np.zeros(2, np.float32), np.zeros(3, np.float32), np.int64(0)]
    assert observe(before, inputs).failure is None and observe(after, inputs).failure is None


def test_what_can_fail_leaves_a_loop_that_is_sure_to_reach_it():
    before, after, reasons = hoisted(for_loop(f"{CHECKED}\n{NEXT}", "%two", "tensor<?xf32>", DYNAMIC))
    assert where(after, "hl.add") == [""] and reasons == []
    inputs = [np.zeros(2, np.float32), np.zeros(3, np.float32), np.int64(0)]
    assert observe(before, inputs).failure is not None and observe(after, inputs).failure is not None


@pytest.mark.parametrize(
    "first",
    [
        'debug.print "here" () : ()',
        "%w = hl.add %y, %z : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>",
    ],
)
def test_what_can_fail_does_not_pass_an_effect_or_another_failure(first):
    body = f"{first}\n{CHECKED}\n{NEXT}"
    before, after, _ = hoisted(for_loop(body, "%two", "tensor<?xf32>", DYNAMIC))
    assert set(where(after, "hl.add")) == {"for"}
    inputs = [np.zeros(2, np.float32), np.zeros(3, np.float32), np.int64(0)]
    assert str(observe(before, inputs)) == str(observe(after, inputs))


def test_a_cast_to_known_sizes_can_fail_and_one_from_them_cannot():
    body = """
        %k = tensor.cast %z : tensor<?xf32> to tensor<3xf32>
        %u = tensor.cast %v : tensor<3xf32> to tensor<?xf32>
        %next = hl.add %y, %v : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>"""
    parameters = "%x: tensor<3xf32>, %z: tensor<?xf32>, %v: tensor<3xf32>, %n: index"
    _, after, reasons = hoisted(for_loop(body, parameters=parameters))
    assert where(after, "tensor.cast") == ["", "for"] and reasons == ["it checks sizes at run time"]


def test_effects_stay():
    body = f"""
        %ok = arith.constant true
        debug.assert %ok, "never" () : i1, ()
        debug.print "{{0}}" (%x) : (tensor<3xf32>)
        {EXP}
        {ADD}"""
    before, after, reasons = hoisted(for_loop(body))
    assert where(after, "debug.assert") == where(after, "debug.print") == ["for"]
    assert where(after, "hl.exp") == [""] and reasons == ["it has an effect"] * 2
    inputs = [np.zeros(3, np.float32), np.int64(2)]
    assert observe(before, inputs).printed == observe(after, inputs).printed != ""


VARIABLES = "%x: tensor<3xf32>, %v: !state.variable<tensor<3xf32>>, %u: !state.variable<tensor<3xf32>>, %n: index"
READ = "%e = state.read %v : !state.variable<tensor<3xf32>> -> tensor<3xf32>"


def test_reads_leave_where_nothing_is_written():
    _, after, _ = hoisted(for_loop(f"{READ}\n{ADD}", parameters=VARIABLES))
    assert where(after, "state.read") == [""]


@pytest.mark.parametrize("op", ["assign", "assign_add", "assign_sub"])
def test_reads_stay_where_the_variable_is_written(op):
    write = f"state.{op} %v, %y : !state.variable<tensor<3xf32>>, tensor<3xf32>"
    _, after, reasons = hoisted(for_loop(f"{READ}\n{write}\n{ADD}", parameters=VARIABLES))
    assert where(after, "state.read") == ["for"] and "the loop may write the Variable" in reasons


@pytest.mark.parametrize("private, stays", [(False, ""), (True, "for")])
def test_reads_stay_where_a_variable_is_written_that_may_be_the_same(private, stays):
    write = "state.assign_add %u, %y : !state.variable<tensor<3xf32>>, tensor<3xf32>"
    text = for_loop(f"{READ}\n{write}\n{ADD}", parameters=VARIABLES)
    _, after, _ = hoisted(text.replace("func.func", "func.func private") if private else text)
    assert where(after, "state.read") == [stays]


def test_reads_stay_where_a_function_is_called():
    callee = "func.func private @g(%v: !state.variable<tensor<3xf32>>) { func.return }"
    call = "func.call @g(%v) : (!state.variable<tensor<3xf32>>) -> ()"
    _, after, _ = hoisted(callee + for_loop(f"{READ}\n{call}\n{ADD}", parameters=VARIABLES))
    assert where(after, "state.read") == ["for"]


def branch(inner):
    """A body with a branch that depends on what is outside."""
    return f"""
        %e = scf.if %b -> (tensor<3xf32>) {{
          {inner}
          scf.yield %f : tensor<3xf32>
        }} else {{
          scf.yield %x : tensor<3xf32>
        }}
        {ADD}"""


def test_nothing_leaves_a_branch_by_itself():
    body = branch(f"{EXP.replace('%e', '%g')}\n{ADD.replace('%next', '%f').replace('%e', '%g')}")
    _, after, _ = hoisted(for_loop(body, parameters="%x: tensor<3xf32>, %b: i1, %n: index"))
    assert where(after, "hl.exp") == ["for/if"]
    assert where(after, "hl.add") == ["for/if", "for"]


def test_a_branch_leaves_as_a_whole():
    body = branch("%f = hl.exp %x : (tensor<3xf32>) -> tensor<3xf32>")
    _, after, _ = hoisted(for_loop(body, parameters="%x: tensor<3xf32>, %b: i1, %n: index"))
    assert where(after, "scf.if") == [""] and where(after, "hl.exp") == ["if"]


def test_a_loop_that_may_not_end_stays():
    body = f"""
        %e = scf.while (%w = %x) : (tensor<3xf32>) -> tensor<3xf32> {{
          scf.condition(%b) %w : tensor<3xf32>
        }} do {{
        ^bb0(%w: tensor<3xf32>):
          scf.yield %w : tensor<3xf32>
        }}
        {ADD}"""
    _, after, reasons = hoisted(for_loop(body, parameters="%x: tensor<3xf32>, %b: i1, %n: index"))
    assert where(after, "scf.while") == ["for"] and reasons == ["it may not come to an end"]


BROADCAST = "%e = hl.broadcast_to %s {shape = array<i64: 3>} : (tensor<f32>) -> tensor<3xf32>"


def test_a_broadcast_stays_where_it_is_read_in_place():
    _, after, reasons = hoisted(
        for_loop(f"{BROADCAST}\n{ADD}", parameters="%x: tensor<3xf32>, %s: tensor<f32>, %n: index")
    )
    assert where(after, "hl.broadcast_to") == ["for"]
    assert reasons == ["a broadcast is read in place inside of the loop"]


def test_a_broadcast_leaves_with_what_needs_it():
    body = f"{BROADCAST.replace('%e', '%d')}\n%e = hl.exp %d : (tensor<3xf32>) -> tensor<3xf32>\n{ADD}"
    _, after, _ = hoisted(for_loop(body, parameters="%x: tensor<3xf32>, %s: tensor<f32>, %n: index"))
    assert where(after, "hl.broadcast_to") == where(after, "hl.exp") == [""]


def test_a_broadcast_that_a_moved_inner_loop_reads_is_moved_with_it():
    body = """
        %w = hl.broadcast_to %x, %m {shape = array<i64: -9223372036854775808, 3>}
          : (tensor<3xf32>, tensor<i32>) -> tensor<?x3xf32>
        %next = scf.while (%z = %x) : (tensor<3xf32>) -> tensor<3xf32> {
          scf.condition(%c) %z : tensor<3xf32>
        } do {
        ^bb0(%z: tensor<3xf32>):
          %one_row = tensor.cast %w : tensor<?x3xf32> to tensor<1x3xf32>
          %row = hl.max %one_row {axes = array<i64: 0>, keepdims = false} : (tensor<1x3xf32>) -> tensor<3xf32>
          scf.yield %row : tensor<3xf32>
        }"""
    before, after, _ = hoisted(for_loop(body, "%two", parameters="%x: tensor<3xf32>, %m: tensor<i32>, %c: i1"))
    assert where(after, "scf.while") == [""] and where(after, "hl.broadcast_to") == [""]
    inputs = [np.float32([1, 2, 3]), np.array(4, np.int32), np.array(False)]
    assert observe(after, inputs).results[0].tolist() == observe(before, inputs).results[0].tolist()
