"""From values to memory: the parts of `bufferize`.

`order` says which op may run after which, `storage` describes memory and the tensors in it, `placement` decides where
a result is written, `rewriter` holds the state of the walk; `structured`, `movement`, `effects` and `control_flow`
rewrite the ops, `deallocation` frees what was allocated.
"""
