"""Named pipelines, and the passes that lead from each level to the next: data, not code."""

from __future__ import annotations

CLEAN = "canonicalize,cse,dce"

SIMPLIFY = (
    "inline,infer-shapes,forward-reads,canonicalize,simplify-algebra,fold-constants,hoist-loop-invariants,cse,dce"
)
"""What is done to a program while it is still tensor operations."""

STEPS: dict[str, str] = {
    "hl": SIMPLIFY,
    "linalg": f"decompose-complex,convert-hl-to-linalg,detensorize,{CLEAN},sink-assignments,fuse-elementwise,dce",
    "loops": "bufferize,lower-contractions,convert-linalg-to-loops,vectorize,block-sums,expand-math,canonicalize,cse",
    "cfg": "convert-scf-to-cf",
    "llvm": "convert-cfg-to-llvm",
}
"""For each level the passes that lead to it from the level above (to `hl`: from what tracing gives)."""

PIPELINES: dict[str, str] = {
    "O0": "",
    "O1": CLEAN,
    "O2": SIMPLIFY,
    "export-onnx": "inline,infer-shapes,decompose-complex,canonicalize,simplify-algebra,fold-constants,cse,dce",
}
"""Named pipelines that keep the level."""
