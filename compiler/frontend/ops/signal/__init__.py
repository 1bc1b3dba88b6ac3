"""Public functions of signals: transforms, windows, frames, spectra."""
