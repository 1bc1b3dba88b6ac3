"""Polynomials for stepwell: a dialect, a level above `hl`, passes, and a pipeline."""

from stepwell.plugins import Level, Plugin

PLUGIN = Plugin(
    dialects={"poly": "stepwell_poly.dialect:Poly"},
    passes={
        "trim-poly": "stepwell_poly.trim_poly:TrimPolyPass",
        "convert-poly-to-hl": "stepwell_poly.convert_poly_to_hl:ConvertPolyToHlPass",
    },
    levels=[
        Level.of("poly", "polynomials of tensors", "func poly hl state debug host scf arith.constant tensor.extract")
    ],
    steps={("poly", "hl"): "trim-poly,convert-poly-to-hl"},
    pipelines={"poly-O2": "trim-poly,convert-poly-to-hl,O2"},
    interpreter=["stepwell_poly.meaning:PolyFunctions"],
)
"""What this package adds; nothing of it is imported before it is used."""
