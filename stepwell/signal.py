"""Functions of signals: Fourier transforms, windows, frames, spectra."""

from stepwell._names import load_when_used

load_when_used(globals())
