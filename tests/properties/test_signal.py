"""Functions of signals: transforms beside NumPy's, frames beside loops, and gradients beside differences."""

import numpy as np
import pytest

import stepwell as sw

RANDOM = np.random.default_rng(3)
REAL = RANDOM.normal(size=(2, 3, 5, 6)).astype(np.float32)
COMPLEX = (REAL + 1j * RANDOM.normal(size=REAL.shape)).astype(np.complex64)
TRANSFORMS = [(kind, rank) for kind in ("fft", "ifft", "rfft", "irfft") for rank in (1, 2, 3)]


def transform(kind, rank):
    return getattr(sw.signal, kind if rank == 1 else f"{kind}{rank}d")


def argument(kind):
    return REAL if kind == "rfft" else COMPLEX


def close(got, expected):
    np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind,rank", TRANSFORMS)
def test_transforms_are_those_of_numpy(kind, rank):
    f, x = transform(kind, rank), argument(kind)
    expected = getattr(np.fft, f"{kind}n")(x, axes=tuple(range(-rank, 0)))
    close(f(sw.constant(x)), expected)
    assert f(sw.constant(x)).dtype == (sw.float32 if kind == "irfft" else sw.complex64)
    for engine in ("interpreter", "native", "onnx"):
        close(sw.function(f, engine=engine)(x), expected)
        unknown = sw.TensorSpec([None] * x.ndim, x.dtype)
        close(sw.function(f, engine=engine, input_signature=[unknown])(x), expected)


@pytest.mark.parametrize("size", [3, 4, 9, 16])
def test_sizes_of_real_transforms(size):
    close(sw.signal.rfft(REAL, [size]), np.fft.rfft(REAL, size))
    close(sw.signal.irfft(COMPLEX, [size]), np.fft.irfft(COMPLEX, size))
    unknown = sw.TensorSpec([None] * 4, sw.complex64)
    f = sw.function(lambda z: sw.signal.irfft(z, [size]), input_signature=[unknown])
    close(f(COMPLEX), np.fft.irfft(COMPLEX, size))
    assert sw.signal.rfft(REAL[..., :0], [size]).shape == (2, 3, 5, size // 2 + 1)


@pytest.mark.parametrize("kind,rank", [("fft", 1), ("ifft", 2), ("rfft", 1), ("rfft", 2), ("irfft", 1), ("irfft", 2)])
def test_gradients_are_the_adjoint_transforms(kind, rank):
    f, x = transform(kind, rank), argument(kind)[0].astype(np.float64 if kind == "rfft" else np.complex128)
    z = sw.constant(x)
    with sw.GradientTape() as tape:
        tape.watch(z)
        y = f(z)
    start = RANDOM.normal(size=y.shape) + (1j * RANDOM.normal(size=y.shape) if y.dtype.is_complex else 0)
    grad = tape.gradient(y, z, sw.constant(start, y.dtype)).numpy()
    step = RANDOM.normal(size=x.shape) + (1j * RANDOM.normal(size=x.shape) if kind != "rfft" else 0)
    moved = np.vdot(start, f(sw.constant(step.astype(x.dtype))).numpy()).real
    np.testing.assert_allclose(np.vdot(grad, step).real, moved, rtol=1e-9)


def framed(x, length, step, pad_end):
    count = -(-len(x) // step) if pad_end else max(0, 1 + (len(x) - length) // step)
    long = np.pad(x, (0, count * step + length))
    return np.array([long[n * step : n * step + length] for n in range(count)]).reshape(count, length)


@pytest.mark.parametrize("pad_end", [False, True])
@pytest.mark.parametrize("length,step", [(3, 2), (5, 5), (2, 4), (9, 1), (1, 1)])
def test_frames(length, step, pad_end):
    x = np.arange(8.0)
    f = sw.function(
        lambda x: sw.signal.frame(x, length, step, pad_end), input_signature=[sw.TensorSpec([None], sw.float64)]
    )
    close(sw.signal.frame(x, length, step, pad_end), framed(x, length, step, pad_end))
    close(f(x), framed(x, length, step, pad_end))
    assert sw.signal.frame(REAL, length, step, pad_end, axis=1).shape[3:] == (5, 6)


@pytest.mark.parametrize("step", [1, 2, 3, 4, 6])
def test_frames_are_added_up(step):
    frames = RANDOM.normal(size=(3, 5, 4))
    expected = np.zeros((3, 4 + 4 * step))
    for number in range(5):
        expected[:, number * step : number * step + 4] += frames[:, number]
    close(sw.signal.overlap_and_add(frames, step), expected)
    unknown = sw.TensorSpec([None, None, 4], sw.float64)
    close(sw.function(lambda x: sw.signal.overlap_and_add(x, step), input_signature=[unknown])(frames), expected)


@pytest.mark.parametrize("window", ["hann_window", "hamming_window", "kaiser_window", "vorbis_window"])
def test_a_signal_comes_back(window):
    window_fn = getattr(sw.signal, window)
    x = RANDOM.normal(size=40).astype(np.float32)
    spectra = sw.signal.stft(x, 8, 2, window_fn=window_fn)
    assert spectra.shape == (17, 5)
    inverse = sw.signal.inverse_stft_window_fn(2, window_fn)
    close(sw.signal.inverse_stft(spectra, 8, 2, window_fn=inverse)[8:-8], x[8:-8])


@pytest.mark.parametrize("type_", [1, 2, 3, 4])
def test_cosine_transforms(type_):
    x, n, k = RANDOM.normal(size=(2, 6)), np.arange(6), np.arange(6)[:, None]
    matrix = {
        1: np.where((n == 0) | (n == 5), 1, 2) * np.cos(np.pi * k * n / 5),
        2: 2 * np.cos(np.pi * k * (2 * n + 1) / 12),
        3: np.where(n == 0, 1, 2) * np.cos(np.pi * n * (2 * k + 1) / 12),
        4: 2 * np.cos(np.pi * (2 * k + 1) * (2 * n + 1) / 24),
    }[type_]
    close(sw.signal.dct(x, type_), x @ matrix.T)
    if type_ != 1:
        close(sw.signal.idct(sw.signal.dct(x, type_, norm="ortho"), type_, norm="ortho"), x)
        close(np.linalg.norm(sw.signal.dct(x, type_, norm="ortho")), np.linalg.norm(x))


def test_values_of_tensorflow():
    close(sw.signal.hann_window(5), [0, 0.5, 1, 0.5, 0])
    close(sw.signal.hann_window(4, periodic=False), [0, 0.75, 0.75, 0])
    close(sw.signal.kaiser_window(3, 4.0), [0.08848053, 1, 0.08848053])
    mel = sw.signal.linear_to_mel_weight_matrix(3, 5, 100, 5.0, 45.0).numpy()
    close(mel[:, 1], [0, 0, 0.9724103, 0, 0])
    close(sw.signal.fftshift([[0, 1, 2], [3, 4, 5]], axes=1), [[2, 0, 1], [5, 3, 4]])


@pytest.mark.parametrize(
    "error,wrong",
    [
        (TypeError, lambda: sw.signal.fft([1.0])),
        (TypeError, lambda: sw.signal.rfft([1])),
        (ValueError, lambda: sw.signal.fft2d(sw.constant([1j]))),
        (ValueError, lambda: sw.signal.rfft([1.0], [1, 2])),
        (ValueError, lambda: sw.signal.frame([1.0], 0, 1)),
        (ValueError, lambda: sw.signal.dct([1.0], type=5)),
        (NotImplementedError, lambda: sw.signal.dct([[1.0]], axis=0)),
        (ValueError, lambda: sw.signal.dct([1.0, 2.0], type=1, norm="ortho")),
        (ValueError, lambda: sw.signal.hann_window(4, dtype=sw.int32)),
        (ValueError, lambda: sw.signal.linear_to_mel_weight_matrix(lower_edge_hertz=5000.0)),
    ],
)
def test_refusals(error, wrong):
    with pytest.raises(error):
        wrong()
