"""Targets: CPUs by name, the one this runs on, and code for either."""

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.pipeline.pipelines import for_target, parse, pipeline_text
from stepwell.compiler.targets import HOST, NAMED, VARIABLE, find_target, runs_here
from stepwell.compiler.targets.host import cache_sizes, described
from stepwell.dialects.diagnostics import PipelineError, UnsupportedError

RUNNABLE = [name for name, target in NAMED.items() if runs_here(target)]
ELSEWHERE = [name for name, target in NAMED.items() if not runs_here(target)]
LINUX = "x86_64-unknown-linux-gnu"


@sw.function
def layer(x, w):
    return sw.nn.relu(x @ w) + sw.reduce_sum(x * x)


SPECS = (sw.TensorSpec([5, 40]), sw.TensorSpec([40, 33]))


@pytest.mark.parametrize("target", ["haswell", "cortex-a76"])
def test_text_for_a_named_target_is_the_same_on_every_machine(target, monkeypatch):
    texts = set()
    for host in ("x86-64", "skylake-avx512"):
        monkeypatch.setenv(VARIABLE, host)
        texts.add(sw.ir(layer, *SPECS, level="asm", target=target))
    assert len(texts) == 1


def test_vectors_are_as_wide_as_the_targets_registers():
    for target, wide in (("x86-64", 4), ("haswell", 8), ("znver4", 16), ("neoverse-n1", 4), ("wasm32", 4)):
        text = sw.ir(layer, *SPECS, level="loops", target=target)
        assert f"vector<{wide}xf32>" in text and f"vector<{2 * wide}xf32>" not in text


def test_products_are_fused_where_the_cpu_can_do_that():
    assert "fma" in sw.ir(layer, *SPECS, level="loops", target="haswell")
    assert "fma" not in sw.ir(layer, *SPECS, level="loops", target="x86-64")


def test_machine_code_is_the_targets():
    assert "%ymm" in sw.ir(layer, *SPECS, level="asm", target="haswell")
    assert "%zmm" not in sw.ir(layer, *SPECS, level="asm", target="haswell")
    assert "%zmm" in sw.ir(layer, *SPECS, level="asm", target="skylake-avx512")
    assert "fmla" in sw.ir(layer, *SPECS, level="asm", target="cortex-a76")
    assert "f32x4.mul" in sw.ir(layer, *SPECS, level="asm", target="wasm32")


@pytest.mark.parametrize("target", RUNNABLE)
def test_code_for_another_host_that_runs_here_computes_the_same(target, monkeypatch):
    rng = np.random.default_rng(0)
    x, w = rng.random((70, 90), np.float32), rng.random((90, 50), np.float32)
    monkeypatch.setenv(VARIABLE, target)
    assert find_target(HOST) == NAMED[target]
    found = sw.function(layer.python_function)(x, w)
    np.testing.assert_allclose(found, np.maximum(x @ w, 0) + (x * x).sum(), rtol=1e-5)


def test_code_that_does_not_run_here_is_an_error_that_says_so(monkeypatch):
    monkeypatch.setenv(VARIABLE, ELSEWHERE[0])
    with pytest.raises(UnsupportedError, match=f"STEPWELL_TARGET: code for '{ELSEWHERE[0]}' does not run on this CPU"):
        sw.function(lambda x: x + 1.0)(sw.constant(1.0))
    with pytest.raises(UnsupportedError, match="does not run on this CPU"):
        sw.function(lambda x: x + 1.0)(sw.constant([1.0]))


def test_a_name_of_no_target_is_an_error_with_the_nearest(monkeypatch):
    with pytest.raises(PipelineError, match=r"there is no target 'haswel'; did you mean 'haswell'\?"):
        sw.ir(layer, *SPECS, target="haswel")
    with pytest.raises(PipelineError, match="there is no target '68000'; targets are host, x86-64, "):
        parse('vectorize{target="68000"}')
    monkeypatch.setenv(VARIABLE, "znver44")
    with pytest.raises(PipelineError, match=r"STEPWELL_TARGET: there is no target 'znver44'; did you mean 'znver4'\?"):
        sw.ir(layer, *SPECS, level="loops")


def test_a_target_is_for_the_passes_that_name_none():
    passes = parse("cse,vectorize,vectorize{target=znver4},func.func(vectorize),lower-contractions")
    assert pipeline_text(for_target(passes, HOST)) == pipeline_text(passes)
    assert pipeline_text(for_target(passes, "haswell")) == (
        'cse,vectorize{target="haswell"},vectorize{target="znver4"},func.func(vectorize{target="haswell"}),'
        'lower-contractions{target="haswell"}'
    )


@pytest.mark.parametrize(
    "triple, features, expected",
    [
        (LINUX, ("+sse2", "-avx2"), (128, 16, False)),
        (LINUX, ("+sse2", "+avx2", "+fma", "-avx512f"), (256, 16, True)),
        (LINUX, ("+avx2", "-fma"), (256, 16, False)),
        (LINUX, ("+avx2", "+fma", "+avx512f"), (512, 32, True)),
        ("aarch64-unknown-linux-gnu", ("+neon",), (128, 32, True)),
        ("arm64-apple-darwin23", (), (128, 32, True)),
        ("riscv64-unknown-linux-gnu", (), (128, 16, False)),
    ],
)
def test_registers_follow_from_instruction_sets(triple, features, expected):
    target = described(triple, "any", features, {1: 7, 3: 9}, 3)
    assert (target.vector_bits, target.vector_registers, target.fma) == expected
    assert (target.l1_bytes, target.l2_bytes, target.l3_bytes, target.cores) == (7, NAMED["x86-64"].l2_bytes, 9, 3)


def test_caches_that_are_not_told_of_are_those_of_the_cpu_of_that_name():
    known = NAMED["znver3"]
    target = described(LINUX, "znver3", ("+avx2", "+fma"), {}, 1)
    assert (target.l1_bytes, target.l2_bytes, target.l3_bytes) == (known.l1_bytes, known.l2_bytes, known.l3_bytes)


def test_caches_are_read_from_linux_files(tmp_path):
    caches = [("1", "Data", "48K"), ("1", "Instruction", "32K"), ("2", "Unified", "2M"), ("3", "Unified", "oh")]
    for number, words in enumerate(caches):
        folder = tmp_path / f"index{number}"
        folder.mkdir()
        for name, word in zip(("level", "type", "size"), words, strict=True):
            (folder / name).write_text(word + "\n")
    (tmp_path / "index9").mkdir()
    assert cache_sizes(tmp_path) == {1: 48 * 1024, 2: 2 * 1024**2}
    assert cache_sizes(tmp_path / "nowhere") == {}


def test_the_host_is_a_cpu():
    host = find_target(HOST)
    assert runs_here(host) and host == find_target(HOST)
    assert host.vector_bits in (128, 256, 512) and host.vector_registers in (16, 32)
    assert 2**12 <= host.l1_bytes <= host.l2_bytes <= host.l3_bytes and host.cores >= 1
